"""A sheet as its pages read it: units in order, what is marked, what comes next."""

import json
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.schema import Indicator
from guildhall.foundation.screens import formats
from guildhall.reform.assessment.models import Review, Session, Sheet, shut_to
from guildhall.reform.assessment.models.peers import read_reviews
from guildhall.reform.assessment.moves.scoring import marks_of
from guildhall.reform.assessment.rules import judged, reason_missing, review_score
from guildhall.science.marking import in_points

BANDS = (("excellent", 90, 100, 92), ("good", 80, 89, 85), ("fair", 60, 79, 70), ("poor", 0, 59, 55))
"""Anchor, lowest and highest mark, and where the number starts once the band is chosen."""


def band_names() -> list[str]:
    """优 良 中 差."""
    return [_("优"), _("良"), _("中"), _("差")]


@dataclass(frozen=True)
class Unit:
    """One unit of a sheet with its marks."""

    review: Review
    marks: dict[str, tuple[int, str]]
    items: tuple[Indicator, ...]

    @property
    def pk(self) -> int:
        """The review's id, which names the unit on this sheet."""
        return self.review.pk

    @property
    def application(self) -> Application:
        """What the unit brought to the round."""
        return self.review.entrant.application

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.application.unit.name

    def settled(self, item: Indicator) -> bool:
        """Whether the item has its mark and, at an extreme, its reason."""
        return item.key in self.marks and not reason_missing(*self.marks[item.key])

    @cached_property
    def done(self) -> int:
        """How many items are settled."""
        return sum(self.settled(item) for item in self.items)

    @property
    def full(self) -> bool:
        """Whether all are."""
        return self.done == len(self.items)

    @property
    def state(self) -> str:
        """已评完, 2 / 6 项 or 未评."""
        if self.full:
            return _("已评完")
        return _("%(done)d / %(total)d 项") % {"done": self.done, "total": len(self.items)} if self.marks else _("未评")

    @property
    def score(self) -> str:
        """The sheet score of a fully marked unit."""
        if not self.full:
            return formats.DASH
        points = {item.key: self.marks[item.key] for item in self.items}
        return formats.score(in_points(review_score(self.review.sheet.step.round.rules, points)), 2)

    @property
    def rows(self) -> list[dict[str, object]]:
        """Each item with its mark and reason, for the check page."""
        found: list[dict[str, object]] = []
        for item in self.items:
            value, said = self.marks.get(item.key, (None, ""))
            found.append({
                "key": item.key, "label": worded(item.label), "value": value, "reason": said,
                "settled": self.settled(item), "url": f"{self.url}?item={item.key}",
            })  # fmt: skip
        return found

    def first_open(self) -> Indicator:
        """The first item that is not settled, else the first."""
        return next((item for item in self.items if not self.settled(item)), self.items[0])

    @property
    def url(self) -> str:
        """Where it is marked."""
        return reverse("assessment:score", args=[self.review.sheet_id, self.pk])

    @property
    def materials(self) -> str:
        """Its materials."""
        return reverse("assessment:materials", args=[self.review.sheet_id, self.pk])

    @property
    def evidence(self) -> dict[str, int]:
        """How many pieces of evidence stand under each indicator."""
        counts: dict[str, int] = {}
        for piece in self.application.evidence.all():
            counts[piece.indicator] = counts.get(piece.indicator, 0) + 1
        return counts


@dataclass(frozen=True)
class Desk:
    """A sheet with all its units."""

    sheet: Sheet

    @cached_property
    def items(self) -> tuple[Indicator, ...]:
        """The judged indicators, in order."""
        return tuple(judged(self.sheet.step.round.rules).values())

    @cached_property
    def units(self) -> list[Unit]:
        """The units in the sheet's order."""
        read_reviews([self.sheet])
        return [Unit(review, marks_of(review), self.items) for review in self.sheet.reviews.all()]

    @property
    def done(self) -> int:
        """How many units are fully marked."""
        return sum(unit.full for unit in self.units)

    @property
    def left(self) -> list[Unit]:
        """The units that are not."""
        return [unit for unit in self.units if not unit.full]

    @cached_property
    def shut(self) -> dict[int, Session]:
        """Where a meeting is held, the sessions that have to open first, by the application they keep from marking."""
        if not self.sheet.takes_marks:
            return {}
        return shut_to([unit.application.pk for unit in self.units])

    def shut_for(self, unit: Unit) -> Session | None:
        """The session that has to open before this unit can be marked."""
        return self.shut.get(unit.application.pk)

    @property
    def listed(self) -> list[tuple[Unit, Session | None]]:
        """Each unit, with the session that it still waits for."""
        return [(unit, self.shut_for(unit)) for unit in self.units]

    @property
    def open_units(self) -> list[Unit]:
        """The units that can be marked now."""
        return [unit for unit, session in self.listed if session is None]

    @property
    def left_now(self) -> list[Unit]:
        """Of these, the ones not fully marked."""
        return [unit for unit in self.open_units if not unit.full]

    @property
    def next_session(self) -> Session | None:
        """The session that opens next, where units of this sheet wait for one."""
        return min(self.shut.values(), key=lambda session: session.starts_at, default=None)

    @property
    def total(self) -> int:
        """How many units there are."""
        return len(self.units)

    @property
    def points(self) -> object:
        """The judged indicators' points together."""
        return sum(item.points for item in self.items)

    def at(self, review_pk: int, key: str = "") -> "Spot":
        """The unit and item asked for, by default the unit's first open item. Raises `NotHere`."""
        for place, unit in enumerate(self.units):
            if unit.pk == review_pk:
                item = next((item for item in self.items if item.key == key), unit.first_open())
                return Spot(self, place, self.items.index(item))
        raise NotHere

    def go_on(self) -> "Spot | None":
        """Where to go on marking."""
        return self.at(self.left_now[0].pk) if self.left_now else None


def desks(sheets: list[Sheet]) -> list[Desk]:
    """The desks of many sheets, read together."""
    read_reviews(sheets)
    return [Desk(sheet) for sheet in sheets]


@dataclass(frozen=True)
class Spot:
    """One unit and one item of a sheet: what the scoring page shows."""

    desk: Desk
    place: int
    turn: int

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.desk.units[self.place]

    @property
    def item(self) -> Indicator:
        """The item."""
        return self.desk.items[self.turn]

    @property
    def number(self) -> int:
        """Which unit of the sheet it is, from 1."""
        return self.place + 1

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.unit.url}?item={self.item.key}"

    @property
    def bands(self) -> list[dict[str, object]]:
        """The four bands with their anchors."""
        anchors = self.item.anchors
        given = self.unit.marks.get(self.item.key, (None, ""))[0]
        return [
            {
                "name": name, "low": low, "high": high, "start": start,
                "range": f"{low}–{high}" if low else _("60 以下"),
                "on": given is not None and low <= given <= high,
                "anchor": worded(getattr(anchors, key)) if anchors else "",
            }
            for name, (key, low, high, start) in zip(band_names(), BANDS, strict=True)
        ]  # fmt: skip

    @property
    def dots(self) -> list[str]:
        """Each item: done, now or next."""
        return [
            "now" if turn == self.turn else "done" if self.unit.settled(item) else ""
            for turn, item in enumerate(self.desk.items)
        ]

    @property
    def done_before(self) -> list[dict[str, object]]:
        """The unit's settled items but this one."""
        return [row for row in self.unit.rows if row["settled"] and row["key"] != self.item.key]

    @property
    def next(self) -> "Spot | None":
        """The next item, else the next unit's; None after the last."""
        if self.turn + 1 < len(self.desk.items):
            return Spot(self.desk, self.place, self.turn + 1)
        onward = next((unit for unit in self.desk.units[self.place + 1 :] if not self.desk.shut_for(unit)), None)
        return self.desk.at(onward.pk) if onward else None

    @property
    def next_label(self) -> str:
        """下一项：技能要素参与分配, 下一家：鹿原物流 or 核对整份评分表."""
        if self.next is None:
            return _("核对整份评分表")
        if self.next.place == self.place:
            return _("下一项：%(label)s") % {"label": worded(self.next.item.label)}
        return _("下一家：%(name)s") % {"name": self.next.unit.name}

    @property
    def next_url(self) -> str:
        """Where that is."""
        return self.next.url if self.next else reverse("assessment:check", args=[self.desk.sheet.pk])

    def state(self, user_pk: int) -> str:
        """All the sheet as JSON: with it the page goes on from unit to unit without a network."""
        sheet, units = self.desk.sheet, self.desk.open_units
        return json.dumps({
            "user": user_pk, "sheet": sheet.pk, "at": {"unit": units.index(self.unit) if self.unit in units else 0, "item": self.turn},
            "check": reverse("assessment:check", args=[sheet.pk]), "points": str(self.desk.points),
            "bands": [{"name": name, "low": low, "high": high, "start": start}
                      for name, (_key, low, high, start) in zip(band_names(), BANDS, strict=True)],
            "items": [{"key": item.key, "label": worded(item.label), "points": str(item.points),
                       "anchors": [worded(getattr(item.anchors, key)) for key, *_rest in BANDS]}
                      for item in self.desk.items],
            "units": [{"id": unit.pk, "place": self.desk.units.index(unit) + 1, "name": unit.name, "version": unit.review.version, "url": unit.url,
                       "save": reverse("assessment:save", args=[sheet.pk, unit.pk]), "materials": unit.materials,
                       "statement": len(unit.application.statement), "evidence": unit.evidence,
                       "marks": unit.marks} for unit in units],
            "words": words(),
        }, ensure_ascii=False)  # fmt: skip


def words() -> dict[str, str]:
    """What the script says, in the reader's language; `{}` stands for a fact."""
    return {
        "saved": _("已保存 {}"),
        "offline": _("没有网络，已存在本机 {}"),
        "login": _("请重新登录。已存在本机 {}"),
        "range": _("请填 0 到 100 的整数。"),
        "low": _("60 分以下请写理由"),
        "high": _("95 分以上请写理由"),
        "short": _("还差理由，至少 10 个字。"),
        "item": _("下一项：{}"),
        "unit": _("下一家：{}"),
        "check": _("核对整份评分表"),
        "full": _("已评完"),
        "part": _("{} / {} 项"),
        "none": _("未评"),
        "place": _("第 {} 家"),
        "dots": _("{} 项中已评 {} 项，正在评第 {} 项"),
        "points": _("{} 分，共 {} 分"),
        "done": _("已评 {} 项："),
        "statement": _("自评 {} 字"),
        "evidence": _("证明 {} 份"),
        "mine": _("这里：{} 分"),
        "theirs": _("另一台设备：{} 分"),
        "value": _("{}得分，0 到 100"),
    }
