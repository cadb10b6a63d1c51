"""Who may act where, and which office fits whom."""

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Final, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NoRight, Refusal
from guildhall.foundation.organisations.states import Right, Role, UnionKind

Place_contra = TypeVar("Place_contra", contravariant=True)

PARENTS: Final[dict[str, frozenset[str]]] = {
    UnionKind.FEDERATION: frozenset(),
    UnionKind.DISTRICT: frozenset({UnionKind.FEDERATION}),
    UnionKind.INDUSTRY: frozenset({UnionKind.FEDERATION}),
    UnionKind.GRASSROOTS: frozenset({UnionKind.FEDERATION, UnionKind.DISTRICT, UnionKind.INDUSTRY}),
}
"""Under which kinds of union each kind stands; a grassroots union directly under the federation is a 直属 one."""

SEATS: Final[dict[str, UnionKind]] = {
    Role.FEDERATION_OFFICER: UnionKind.FEDERATION,
    Role.LEADER: UnionKind.FEDERATION,
    Role.FINANCE_OFFICER: UnionKind.FEDERATION,
    Role.EXPERT: UnionKind.FEDERATION,
    Role.AUDITOR: UnionKind.FEDERATION,
    Role.DISTRICT_OFFICER: UnionKind.DISTRICT,
    Role.INDUSTRY_OFFICER: UnionKind.INDUSTRY,
    Role.UNIT_OFFICER: UnionKind.GRASSROOTS,
    Role.ASSESSOR: UnionKind.GRASSROOTS,
    Role.DEPUTY: UnionKind.GRASSROOTS,
}
"""At which kind of union each office sits."""

SCORERS: Final = frozenset({Role.ASSESSOR, Role.DEPUTY})
KEPT_APART: Final = (Role.LEADER, Role.FINANCE_OFFICER, Role.AUDITOR)
"""The offices whose passwords no other officer resets: whoever draws up a payment must not sign in as its approver."""
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # Without those that are read for one another.


class WrongParent(Refusal):
    """A union under a kind of union where it cannot stand."""

    code = "organisations.wrong-parent"
    message = _("%(kind)s不能设在%(parent)s之下。")


class OfficeElsewhere(Refusal):
    """An office at a kind of union that has none such."""

    code = "organisations.office-elsewhere"
    message = _("%(role)s设在%(seat)s，不能设在“%(union)s”。")


class AuditorAlone(Refusal):
    """An auditor holds no other office at the same time."""

    code = "organisations.auditor-alone"
    message = _("审计员不能同时担任别的职务。%(name)s另有职务的时间和这次任职重叠。")


class OfficeTwice(Refusal):
    """The same office at the same union, at overlapping times."""

    code = "organisations.office-twice"
    message = _("%(name)s在这段时间已经担任%(role)s。")


class ByOneself(Refusal):
    """Nobody gives an office to oneself."""

    code = "organisations.by-oneself"
    message = _("不能给自己任职，请另一位干部办理。")


class DatesCross(Refusal):
    """An end before the beginning."""

    code = "organisations.dates-cross"
    message = _("止日 %(ends)s 早于起日 %(starts)s。")
    status = 422


class StandsInForNobody(Refusal):
    """A stand-in for an office that is another one, one's own, or not held then."""

    code = "organisations.stands-in-for-nobody"
    message = _("代理要写明替谁：同一工会、同一职务的另一个人，并写止日。")
    status = 422


class SeatTaken(Refusal):
    """A unit has one assessor and one deputy at a time."""

    code = "organisations.seat-taken"
    message = _("“%(union)s”在这段时间已有%(role)s。请先换人或改起止日期。")


class SamePerson(Refusal):
    """The deputy stands by when the assessor cannot score: two persons."""

    code = "organisations.same-person"
    message = _("%(name)s已是本单位的%(role)s。互评人和替补须是两个人。")


class ResetElsewhere(Refusal):
    """The password of whoever approves, pays or audits, asked for on screen."""

    code = "organisations.reset-elsewhere"
    message = _("领导、财务和审计员的密码由系统管理员在服务器上重设，别的干部不能代办。")
    status = 403


class UsernameTaken(Refusal):
    """A user name that another account has."""

    code = "organisations.username-taken"
    message = _("用户名 %(username)s 已有人用，请换一个。")


class Officer(Protocol[Place_contra]):
    """Whoever holds offices."""

    def may(self, right: Right, at: Place_contra | None = None) -> bool:
        """Whether an office in force gives `right`, at `at` or anywhere."""


def require(user: Officer[Place_contra], right: Right, *, at: Place_contra) -> None:
    """Raise `NoRight` unless an office of the user in force gives `right` at `at` or above it."""
    if not user.may(right, at):
        raise NoRight


def overlap(starts: date, ends: date | None, since: date, until: date | None) -> bool:
    """Whether two periods share a day; None is an open end."""
    return (until is None or starts <= until) and (ends is None or since <= ends)


def against_seat(role: str, kind: str, union: str, *, goes_on: bool) -> Refusal | None:
    """Why an office cannot sit at a union of this kind, or None; `goes_on` is whether its unit, if any, is active."""
    if SEATS[role] != kind or not goes_on:
        return OfficeElsewhere(role=Role(role).label, seat=SEATS[role].label, union=union)
    return None


def against_holding(name: str, role: str, same: Iterable[bool], others: Iterable[str]) -> Refusal | None:
    """Why a person cannot hold `role`, given the offices held in those days: `same` one, or `others` by role."""
    if any(same):
        return OfficeTwice(name=name, role=Role(role).label)
    held = list(others)
    if held and (role == Role.AUDITOR or Role.AUDITOR in held):
        return AuditorAlone(name=name)
    return None


def one_time_password() -> str:
    """Twelve letters and figures in three groups, easy to read out: 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
