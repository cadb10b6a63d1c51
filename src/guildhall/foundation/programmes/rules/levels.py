"""The levels as plain functions: whose turn it is, what a level must have done, when it ends."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.models import Union
from guildhall.foundation.organisations.states import UnionKind
from guildhall.foundation.programmes.schema import Level, Setup

CHECK = -1
"""The place of the federation's check, behind the last level."""


class LevelLate(Refusal):
    """A level acts after its deadline; it binds by time, and only an extension for all moves it."""

    code = "programmes.level-late"
    message = _("%(union)s的推荐已于 %(ended)s 截止。如需延期，请市总为所有单位一起延长。")


class QuotaSpent(Refusal):
    """A union endorses more than its places."""

    code = "programmes.quota-spent"
    message = _("%(union)s的 %(places)d 个推荐名额不够：已推荐 %(used)d 件，这次还有 %(n)d 件。")


class NoticeMissing(Refusal):
    """The level's own notice has not been put up, has not run its days, or has no proof."""

    code = "programmes.level-notice-missing"
    message = _("%(what)s")


class ResolutionMissing(Refusal):
    """The level decides by a resolution, and it is not there."""

    code = "programmes.resolution-missing"
    message = _("请上传职代会决议或会议纪要，并写明日期。")
    status = 422


class RankFirst(Refusal):
    """A ranking level puts forward a list, not single applications."""

    code = "programmes.rank-first"
    message = _("这一级要排序推荐：请在推荐排序里一次提交。")


class SecondHand(Refusal):
    """Who drew an endorsement up countersigns it."""

    code = "programmes.second-hand"
    message = _("会签要由另一位同志办理，不能由起草人自己会签。")


class ResolvedTooLate(Refusal):
    """A resolution of a day that has not come."""

    code = "programmes.resolved-too-late"
    message = _("决议日期 %(day)s 还没有到。")
    status = 422


def seat_of(level: Level, own: Union) -> Union | None:
    """The union that acts at this level for an application of the union `own`, or None where there is no such union.

    Two levels stand above a grassroots union at most; a 直属 one has the federation right above it.
    """
    above = own.parent
    if level.at == "unit":
        return own
    if level.at == "district_or_industry":
        return above if above and above.kind in (UnionKind.DISTRICT, UnionKind.INDUSTRY) else None
    while above and above.kind != UnionKind.FEDERATION:
        above = above.parent
    return above


def level_after(setup: Setup, own: Union, place: int = CHECK) -> int:
    """The place of the next level that has a seat for this union, behind `place`; `CHECK` behind the last."""
    places = range(place + 1, len(setup.levels))
    return next((n for n in places if seat_of(setup.levels[n], own) is not None), CHECK)


def ends_of_levels(levels: Sequence[Level], closes_on: date) -> list[datetime]:
    """When each level ends: its working days counted from the end of the one before, the first from the submissions'."""
    ends, day = [], closes_on
    for level in levels:
        day = clock.add_working_days(day, level.days)
        ends.append(clock.end_of_day(day))
    return ends


def against_quota(union: str, places: int | None, used: int, n: int = 1) -> Refusal | None:
    """Why a union may not endorse `n` more applications, or None where it may."""
    if places is not None and used + n > places:
        return QuotaSpent(union=union, places=places, used=used, n=n)
    return None


def against_notice(level: Level, ends_on: date | None, *, proven: bool) -> Refusal | None:
    """Why a level whose own notice the policy asks for may not endorse yet, or None where it may."""
    if level.notice is None:
        return None
    if ends_on is None:
        return NoticeMissing(what=_("本级还没有公示。先登记公示，公示期满再推荐。"))
    if clock.today() <= ends_on:
        return NoticeMissing(what=_("本级公示到 %(day)s，期满才能推荐。") % {"day": ends_on})
    if not proven:
        return NoticeMissing(what=_("还没有上传公示证明，例如公示栏照片或网页截图。"))
    return None


def against_resolution(level: Level, resolved_on: date | None, *, attached: bool) -> Refusal | None:
    """Why an endorsement lacks its resolution, or None where it has it or needs none."""
    if not level.resolution:
        return None
    if resolved_on is None or not attached:
        return ResolutionMissing()
    return ResolvedTooLate(day=resolved_on) if resolved_on > clock.today() else None
