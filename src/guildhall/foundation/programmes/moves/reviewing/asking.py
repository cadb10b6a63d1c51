"""Whom to ask in a step: by hand, by a drawing that anyone can repeat, and somebody else in the place of one."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Appointment, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.programmes.models import Application, Draw, Round, StepSheet, ended_steps
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.rules.reviewing import Expert, Judged, draw_experts
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.foundation.programmes.states import RoundState, SheetState, State
from guildhall.foundation.records.moves import made, record

BY_SHEET = ("officer", "checklist", "panel", "ballot")
"""The methods in which people fill in sheets."""


class Conflicted(Refusal):
    """A reviewer works for the unit, or for its companies."""

    code = "programmes.conflicted"
    message = _("%(who)s与%(unit)s有利害关系，不能评审。")


class AlreadyAsked(Refusal):
    """Somebody is asked in another's place who judges the same application already."""

    code = "programmes.already-asked"
    message = _("%(who)s已经在评这一件，请换别人。")


class NoReviewer(Refusal):
    """Somebody is asked who holds no office that judges."""

    code = "programmes.no-reviewer"
    message = _("%(who)s现在没有评审的职务。")


def step_of(of: Round, place: int) -> ReviewStep:
    """The step at this place. Raises `NotHere`."""
    if not 0 <= place < len(of.rules.review):
        raise NotHere
    return of.rules.review[place]


def at_step(of: Round, place: int) -> list[Application]:
    """The applications that stand in a step and are not cut by it, locked by ascending id."""
    rows = of.applications.select_for_update(of=("self",)).filter(state=State.REVIEWING, step=place)
    if step_of(of, place).method != "external":  # There a result is entered before the step ends.
        rows = rows.exclude(step_results__step=place)
    found = list(rows.select_related("unit", "union").order_by("pk"))
    for row in found:
        row.round = of
    return found


def companies(unit: Any) -> frozenset[int]:
    """A unit and what it belongs to: whoever works for any of these is no judge of it."""
    return frozenset(pk for pk in (unit.pk, unit.parent_company_id) if pk)


def reviewers(of: Round, step: ReviewStep) -> list[User]:
    """Who may be asked in a step: experts in office for panel and ballot, the round's officers for the rest."""
    role = Role.EXPERT if step.method in ("panel", "ballot") else Role.FEDERATION_OFFICER
    offices = Appointment.objects.active().filter(role=role, union=of.union)
    found = User.objects.filter(is_active=True, appointments__in=offices).select_related("person__employer")
    return list(found.distinct().order_by("pk"))


def running(round_pk: int, by: User) -> Round:
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    return of


def in_review(of: Round) -> None:
    rolling = of.programme.file.rolling and of.state in (RoundState.OPEN, RoundState.CLOSED)
    if of.state != RoundState.REVIEWING and not rolling:
        raise OutOfStep(state=RoundState(of.state).label, move=_("评审"))
    if of.proposed_at:
        raise OutOfStep(state=_("已报请审定"), move=_("评审"))


def not_ended(of: Round, place: int) -> None:
    """Raise `OutOfStep` where the step was ended: who is cut by it stands in it still, and stays as it is."""
    if place in ended_steps(of):
        raise OutOfStep(state=_("这一步已经结束"), move=_("评审"))


@transaction.atomic
def assign(round_pk: int, place: int, asked: Mapping[int, Sequence[int]], *, by: User, key: UUID) -> int:
    """Ask reviewers by hand: for each application, by id, the users. Returns how many sheets are new.

    Raises `NotHere` for an id that is not in the step, `NoReviewer`, `Conflicted`, `OutOfStep`.
    """
    of = running(round_pk, by)
    body = {"step": place, "asked": {str(pk): sorted(users) for pk, users in sorted(asked.items())}}
    subject = f"step:{place}"
    if earlier := made("assign_step", stream=of.stream, subject=subject, key=key, content=body):
        return int(earlier.body["new"])
    in_review(of)
    step = step_of(of, place)
    rows = {row.pk: row for row in at_step(of, place)}
    if set(asked) - set(rows) or step.method not in BY_SHEET:
        raise NotHere
    pool = {user.pk: user for user in reviewers(of, step)}
    wanted = []
    for pk, users in sorted(asked.items()):
        for user_pk in dict.fromkeys(users):
            if user_pk not in pool:
                raise NoReviewer(who=str(User.objects.filter(pk=user_pk).first() or "–"))
            user = pool[user_pk]
            if user.person.employer_id in companies(rows[pk].unit):
                raise Conflicted(who=str(user), unit=rows[pk].unit.name)
            wanted.append((rows[pk], user))
    new = _hand_out(of, place, step, wanted)
    record("assign_step", stream=of.stream, subject=subject, by=by, content={**body, "new": new}, key=key)
    return new


def _hand_out(of: Round, place: int, step: ReviewStep, wanted: Iterable[tuple[Application, User]]) -> int:
    """Sheets for these pairs, where there is none; whoever gets one is told once."""
    there = set(
        StepSheet.objects.filter(application__round=of, step=place)
        .exclude(state=SheetState.REPLACED)
        .values_list("application_id", "reviewer_id")
    )
    fresh = [(row, user) for row, user in wanted if (row.pk, user.pk) not in there]
    secret = step.method == "ballot"
    StepSheet.objects.bulk_create(
        StepSheet(application=row, step=place, reviewer=user, secret=secret) for row, user in fresh
    )
    told = {user.pk: user for _row, user in fresh}.values()
    tell("programmes.judge", told, url="/rounds/sheets/", round=of.title, step=step.label.zh)
    return len(fresh)


@transaction.atomic
def draw(round_pk: int, place: int, *, by: User, key: UUID) -> Draw:
    """Draw the experts of a panel or ballot from the pool by a seed that is published, conflicts respected.

    Raises `PoolTooSmall`, `OutOfStep`, `NotHere`.
    """
    of = running(round_pk, by)
    subject = f"step:{place}"
    if earlier := made("draw_experts", stream=of.stream, subject=subject, key=key):
        return Draw.objects.get(pk=earlier.body["draw"])
    in_review(of)
    step = step_of(of, place)
    if step.method not in ("panel", "ballot"):
        raise OutOfStep(state=step.label.zh, move=_("抽取专家"))
    done = StepSheet.objects.filter(application__round=of, step=place).exclude(state=SheetState.REPLACED)
    rows = [row for row in at_step(of, place) if not done.filter(application=row).exists()]
    if not rows:
        raise OutOfStep(state=_("已经安排"), move=_("抽取专家"))
    people = {user.pk: user for user in reviewers(of, step)}
    pool = [
        Expert(pk, companies(user.person.employer) if user.person.employer else frozenset(), user.person.field)
        for pk, user in people.items()
    ]
    judged = [Judged(row.pk, row.unit.name, companies(row.unit), _field(step, row)) for row in rows]
    seed = secrets.token_hex(16)
    drawn = draw_experts(pool, judged, step.experts, int(seed, 16))
    kept = Draw.objects.create(
        round=of, step=place, seed=seed, pool=sorted(people), drawn={str(pk): who for pk, who in drawn.items()}, by=by,
        at=clock.now(),
    )  # fmt: skip
    by_pk = {row.pk: row for row in rows}
    _hand_out(of, place, step, [(by_pk[pk], people[who]) for pk, users in drawn.items() for who in users])
    content = {"draw": kept.pk, "seed": seed, "applications": sorted(drawn)}
    record("draw_experts", stream=of.stream, subject=subject, by=by, content=content, key=key)
    return kept


def _field(step: ReviewStep, row: Application) -> str:
    """The trade by which experts are drawn: the label of the choice the form made."""
    if not step.field:
        return ""
    said = row.facts.get(step.field, "")
    fields = {one.key: one for one in row.round.rules.form}
    options = {option.key: option.label.zh for option in fields[step.field].options}
    return options.get(said, str(said))


@transaction.atomic
def remind(round_pk: int, place: int, *, by: User, key: UUID) -> int:
    """Remind everybody whose sheet of this step is out; returns how many people."""
    of = running(round_pk, by)
    subject = f"step:{place}"
    if earlier := made("remind_step", stream=of.stream, subject=subject, key=key):
        return int(earlier.body["told"])
    in_review(of)
    step = step_of(of, place)
    out = StepSheet.objects.filter(application__round=of, step=place).waiting()
    people = list(User.objects.filter(step_sheets__in=out).distinct().order_by("pk"))
    facts = {"round": of.title, "step": step.label.zh}
    tell("programmes.judge", people, url="/rounds/sheets/", once=f"remind:{key}", **facts)
    record("remind_step", stream=of.stream, subject=subject, by=by, content={"told": len(people)}, key=key)
    return len(people)


@transaction.atomic
def replace_reviewer(pk: int, user_pk: int, *, reason: str, by: User, key: UUID) -> StepSheet:
    """Ask somebody else in the place of a reviewer whose sheet is out; the old sheet stays and does not count."""
    sheet = StepSheet.objects.hold(pk)
    of = running(sheet.application.round_id, by)
    subject = f"step_sheet:{pk}"
    if earlier := made("replace_step", stream=of.stream, subject=subject, key=key):
        return StepSheet.objects.get(pk=earlier.body["sheet"])
    in_review(of)
    not_ended(of, sheet.step)
    if sheet.state != SheetState.OPEN:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("换人"))
    step, said = step_of(of, sheet.step), need_reason(reason)
    pool = {user.pk: user for user in reviewers(of, step)}
    if user_pk not in pool:
        raise NoReviewer(who=str(User.objects.filter(pk=user_pk).first() or "–"))
    if pool[user_pk].person.employer_id in companies(sheet.application.unit):
        raise Conflicted(who=str(pool[user_pk]), unit=sheet.application.unit.name)
    same = StepSheet.objects.filter(application=sheet.application, step=sheet.step, reviewer=user_pk)
    if same.exclude(state=SheetState.REPLACED).exists():
        raise AlreadyAsked(who=str(pool[user_pk]))
    sheet.state = SheetState.REPLACED
    sheet.save(update_fields=["state"])
    _hand_out(of, sheet.step, step, [(sheet.application, pool[user_pk])])
    new = StepSheet.objects.exclude(state=SheetState.REPLACED).get(
        application=sheet.application, step=sheet.step, reviewer=user_pk
    )
    content = {"sheet": new.pk, "before": sheet.reviewer_id, "after": user_pk}
    record("replace_step", stream=of.stream, subject=subject, by=by, content=content, key=key, note=said)
    return new
