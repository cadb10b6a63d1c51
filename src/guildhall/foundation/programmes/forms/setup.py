"""A planned round's set-up, one topic a form: each starts from the round's own and gives a changed set-up back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from guildhall.foundation import clock
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.forms.rounds import DatesForm
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves.rounds import against_round_dates
from guildhall.foundation.programmes.rules import (
    OverFund,
    PointsOff,
    TiersOutOfOrder,
    TooManySeats,
    WeightsOff,
    against_setup,
    against_tiers,
    counted_days,
)
from guildhall.foundation.programmes.schema import Period, Setup
from guildhall.foundation.screens.forms import KeyedForm, MoneyField

CENT = Decimal("0.01")
MOST_TIERS = 9


class Step(KeyedForm):
    """One topic. `apply` gives the set-up with what was said; `against` names the field of each refusal."""

    name: ClassVar[str]
    label: ClassVar[Promise]

    def __init__(self, *args: Any, of: Round, units: int | None = None, **kwargs: Any) -> None:
        self.of, self.units = of, units
        super().__init__(*args, **kwargs)

    def apply(self) -> Setup:
        """The round's set-up with this form's part changed. The form's own fields are sound already."""
        return self.of.rules

    def against(self, setup: Setup) -> list[tuple[str, Refusal]]:
        """Each reason why this part may not stand, beside the field to change."""
        return []

    def clean(self) -> dict[str, Any]:
        """Refuse beside the field; nothing is lost."""
        said = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                setup = self.apply()
            except ValidationError as wrong:
                raise forms.ValidationError(str(wrong.errors()[0]["msg"])) from None
            for field, refusal in self.against(setup):
                self.add_error(field, str(refusal))
        return said

    def cell(self, name: str) -> dict[str, object]:
        """A field in a table: its input, told to be wrong where it is, and what is wrong."""
        bound = self[name]
        attrs: dict[str, str | bool] = {"aria-label": str(bound.label)}
        if bound.errors:
            attrs |= {"aria-invalid": "true", "aria-describedby": f"{bound.auto_id}-error"}
        return {"bound": bound, "input": SafeString(bound.as_widget(attrs=attrs))}


def _points(label: str, **attrs: str) -> forms.DecimalField:
    box = forms.NumberInput(attrs={"class": "gh-input gh-w6 gh-num", "step": "0.01", "inputmode": "decimal", **attrs})
    return forms.DecimalField(label=label, min_value=CENT, max_value=100, decimal_places=2, widget=box)


def _number(label: Any, least: int, most: int, hint: Any = "", **attrs: str) -> forms.IntegerField:
    box = forms.NumberInput(attrs={"class": "gh-w6", **attrs})
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=hint, widget=box)


class DatesStep(Step, DatesForm):
    """Name and dates."""

    name = "dates"
    label = _("日期")

    def __init__(self, *args: Any, of: Round, **kwargs: Any) -> None:
        known = {key: getattr(of, key) for key in ("title", *DATE_FIELDS)}
        super().__init__(*args, of=of, initial=known, **kwargs)

    def against(self, setup: Setup) -> list[tuple[str, Refusal]]:
        """Dates that cross, beside the later one; and a notice in a year without working days."""
        found = [(DATE_FIELDS[place], refusal) for place, refusal in against_round_dates(self.dates())]
        try:
            counted_days(self.cleaned_data["notice_on"], setup.notice)
        except YearWithoutTable as refusal:
            found.append(("notice_on", refusal))
        return found


DATE_FIELDS = ("opens_on", "closes_on", "scoring_opens_at", "scoring_closes_at", "notice_on")


class IndicatorsStep(Step):
    """The tree: labels and points; an area has the sum of its leaves."""

    name = "indicators"
    label = _("指标")

    def __init__(self, *args: Any, of: Round, **kwargs: Any) -> None:
        super().__init__(*args, of=of, **kwargs)
        for area in of.rules.indicators:
            self.fields[f"label_{area.key}"] = _words(area.label.zh, str(_("一级指标名称")))
            for leaf in area.of:
                self.fields[f"label_{leaf.key}"] = _words(leaf.label.zh, str(_("指标名称")))
                points = _points(str(_("“%(label)s”的分值") % {"label": leaf.label.zh}), **{"data-gh-points": area.key})
                points.initial = leaf.points
                self.fields[f"points_{leaf.key}"] = points

    def apply(self) -> Setup:
        """Labels and points as said; the bands of a computed leaf keep their shares of its points."""
        said, body = self.cleaned_data, self.of.rules.model_dump()
        for area in body["indicators"]:
            _relabel(area, said)
            for leaf in area["of"]:
                _relabel(leaf, said)
                points, before = said[f"points_{leaf['key']}"], leaf["points"]
                leaf["points"] = points
                for band in (leaf["measure"] or {}).get("bands", ()):
                    band["points"] = min((band["points"] * points / before).quantize(CENT), points)
            area["points"] = min(sum((leaf["points"] for leaf in area["of"]), Decimal()), Decimal(100))
        return Setup.model_validate(body)

    def against(self, setup: Setup) -> list[tuple[str, Refusal]]:
        """Points off 100, beside the last leaf."""
        last = [leaf.key for leaf in setup.leaves()][-1]
        off: list[Refusal] = [one for one in against_setup(setup) if isinstance(one, PointsOff)]
        return [(f"points_{last}", one) for one in off[:1]]

    def areas(self) -> list[dict[str, object]]:
        """The tree as the page draws it."""
        return [
            {
                "key": area.key,
                "label": self.cell(f"label_{area.key}"),
                "points": area.points,
                "leaves": [
                    {
                        "label": self.cell(f"label_{leaf.key}"),
                        "points": self.cell(f"points_{leaf.key}"),
                        "computed": leaf.kind == "computed",
                    }
                    for leaf in area.of
                ],
            }
            for area in self.of.rules.indicators
        ]


def _words(initial: str, label: str) -> forms.CharField:
    box = forms.TextInput(attrs={"class": "gh-input"})
    return forms.CharField(label=label, initial=initial, max_length=40, widget=box)


def _relabel(part: dict[str, Any], said: dict[str, Any]) -> None:
    words = said[f"label_{part['key']}"]
    if words != part["label"]["zh"]:
        part["label"] = {"zh": words, "en": words}


class ScoresStep(Step):
    """The weights of the three scores; how many peers and experts."""

    name = "scores"
    label = _("评分")

    computed = _number(_("量化分 %"), 0, 100, **{"data-gh-weight": ""})
    panel = _number(_("专家分 %"), 0, 100, **{"data-gh-weight": ""})
    peers = _number(_("互评分 %"), 1, 100, _("三项合计 100%"), **{"data-gh-weight": ""})
    reviews_each = _number(_("每家评几家"), 2, 20, _("也就是每家被几家评"))
    groups = _number(_("分几组"), 2, 9, _("只评别的组，名次在本组内排"))
    fewest = _number(_("至少要几份互评"), 1, 20, _("少于这个数的单位会点名，由承办人延长或说明理由后继续"))
    experts_each = _number(_("每家几位专家"), 1, 15)

    def __init__(self, *args: Any, of: Round, **kwargs: Any) -> None:
        rules = of.rules
        weights = {key: int(value * 100) for key, value in rules.weights.model_dump().items()}
        numbers = rules.peers.model_dump(include={"reviews_each", "groups", "fewest"})
        known = {**weights, **numbers, "experts_each": rules.panel.experts_each}
        super().__init__(*args, of=of, initial=known, **kwargs)

    def apply(self) -> Setup:
        """Weights as shares of one; peers and panel."""
        said, body = self.cleaned_data, self.of.rules.model_dump()
        body["weights"] = {key: Decimal(said[key]) / 100 for key in ("computed", "panel", "peers")}
        body["peers"] |= {key: said[key] for key in ("reviews_each", "groups", "fewest")}
        body["panel"]["experts_each"] = said["experts_each"]
        return Setup.model_validate(body)

    def against(self, setup: Setup) -> list[tuple[str, Refusal]]:
        """Weights off 100 %."""
        return [("peers", one) for one in against_setup(setup) if isinstance(one, WeightsOff)]


class TiersStep(Step):
    """The fund, and the tiers paid from it."""

    name = "tiers"
    label = _("奖补")

    fund = MoneyField(label=_("奖补资金（元）"), least=1)

    def __init__(self, *args: Any, of: Round, **kwargs: Any) -> None:
        super().__init__(*args, of=of, **kwargs)
        tiers = of.rules.outcome.tiers
        self.fields["fund"].initial = of.rules.outcome.fund_fen
        self.fields["fund"].widget.attrs["data-gh-fund"] = ""
        self.count = min(len(tiers) + 2, MOST_TIERS)
        for index in range(self.count):
            tier = tiers[index] if index < len(tiers) else None
            facts = {"n": index + 1}
            self.fields[f"name_{index}"] = forms.CharField(
                label=_("第 %(n)d 档名称") % facts, max_length=20, required=tier is not None and index == 0,
                initial=tier.name.zh if tier else "", widget=forms.TextInput(attrs={"class": "gh-input gh-w8"}),
            )  # fmt: skip
            seats = _number(_("第 %(n)d 档名额") % facts, 1, 100_000, **{"data-gh-seats": ""})
            seats.widget.attrs["class"] = "gh-input gh-w6 gh-num"
            seats.required, seats.initial = index == 0, tier.seats if tier else None
            money = MoneyField(label=_("第 %(n)d 档每家（元）") % facts, required=index == 0)
            money.initial = tier.sum_fen if tier else None
            money.widget.attrs = {"class": "gh-input gh-w8 gh-num", "inputmode": "decimal", "data-gh-each": ""}
            self.fields[f"seats_{index}"], self.fields[f"sum_{index}"] = seats, money

    def _said(self) -> list[int]:
        return [index for index in range(self.count) if self.cleaned_data.get(f"name_{index}")]

    def clean(self) -> dict[str, Any]:
        """A named tier needs seats and a sum."""
        for index in self._said():
            for field in (f"seats_{index}", f"sum_{index}"):
                if self.cleaned_data.get(field) is None and field not in self.errors:
                    self.add_error(field, _("这一档写了名称，这里也要填。"))
        return super().clean()

    def apply(self) -> Setup:
        """The named tiers in order."""
        said, body = self.cleaned_data, self.of.rules.model_dump()
        known = {tier.name.zh: tier.name.model_dump() for tier in self.of.rules.outcome.tiers}
        body["outcome"]["fund_fen"] = said["fund"]
        body["outcome"]["tiers"] = [
            {
                "name": known.get(said[f"name_{index}"], {"zh": said[f"name_{index}"], "en": said[f"name_{index}"]}),
                "seats": said[f"seats_{index}"],
                "sum_fen": said[f"sum_{index}"],
            }
            for index in self._said()
        ]
        return Setup.model_validate(body)

    def against(self, setup: Setup) -> list[tuple[str, Refusal]]:
        """Too dear beside the fund, the gap named; too many seats beside the last tier; out of order beside its sum."""
        places = self._said()
        at: dict[type[Refusal], Callable[[Refusal], str]] = {
            OverFund: lambda one: "fund",
            TooManySeats: lambda one: f"seats_{places[-1]}",
            TiersOutOfOrder: lambda one: f"sum_{self._place(str(one.facts['tier']), places)}",
        }
        return [(at[type(one)](one), one) for one in against_tiers(setup, self.units)]

    def _place(self, name: str, places: list[int]) -> int:
        return next((index for index in places if self.cleaned_data[f"name_{index}"] == name), places[-1])

    def rows(self) -> list[dict[str, object]]:
        """The tiers as the page draws them, two empty ones at the end."""
        return [
            {key: self.cell(f"{key}_{index}") for key in ("name", "seats", "sum")} | {"n": index + 1}
            for index in range(self.count)
        ]


class NoticeStep(Step):
    """The notice's days, and how soon an objection is answered."""

    name = "notice"
    label = _("公示")

    days = _number(_("公示几天"), 1, 60)
    count = forms.ChoiceField(
        label=_("怎样算"), choices=[("working", _("工作日")), ("calendar", _("自然日"))], widget=forms.RadioSelect
    )
    count_first = forms.BooleanField(label=_("发布当天算第一天"), required=False)
    answer_days = _number(_("异议几个工作日内答复"), 1, 60)

    def __init__(self, *args: Any, of: Round, **kwargs: Any) -> None:
        known = {**of.rules.notice.model_dump(), "answer_days": of.rules.objection.answer_days}
        super().__init__(*args, of=of, initial=known, **kwargs)

    def apply(self) -> Setup:
        """The period and the time to answer."""
        said, body = self.cleaned_data, self.of.rules.model_dump()
        body["notice"] = Period(**{key: said[key] for key in ("days", "count", "count_first")}).model_dump()
        body["objection"]["answer_days"] = said["answer_days"]
        return Setup.model_validate(body)

    def against(self, setup: Setup) -> list[tuple[str, Refusal]]:
        """A period or an answer that runs into a year without working days."""
        try:
            last = counted_days(self.of.notice_on, setup.notice)[-1]
            clock.add_working_days(last, setup.objection.answer_days)
        except YearWithoutTable as refusal:
            return [("days", refusal)]
        return []


STEPS: dict[str, type[Step]] = {one.name: one for one in (DatesStep, IndicatorsStep, ScoresStep, TiersStep, NoticeStep)}
"""The wizard's steps in order; the check page follows."""
