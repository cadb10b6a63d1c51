"""Review step by step: whom to ask, their sheets, and the end of a step."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Appointment, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.programmes.models import Application, Draw, Round, StepResult, StepSheet
from guildhall.foundation.programmes.rules import computed_score, need_reason
from guildhall.foundation.programmes.rules.reviewing import (
    Expert,
    Judged,
    NobodyAssigned,
    SheetsOut,
    SheetUnfinished,
    counted,
    draw_experts,
    marked,
    panel_score,
    read_items,
    read_marks,
    read_vote,
)
from guildhall.foundation.programmes.rules.selection import Candidate, go_on, in_order
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.foundation.programmes.states import RoundState, SheetState, State
from guildhall.foundation.records.attachments import store
from guildhall.foundation.records.moves import Entry, made, record, record_many
from guildhall.science.marking import in_points

BY_SHEET = ("officer", "checklist", "panel", "ballot")
"""The methods in which people fill in sheets."""


class Conflicted(Refusal):
    """A reviewer works for the unit, or for its companies."""

    code = "programmes.conflicted"
    message = _("%(who)s与%(unit)s有利害关系，不能评审。")


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
    """The applications that stand in a step, locked by ascending id."""
    rows = of.applications.select_for_update(of=("self",)).filter(state=State.REVIEWING, step=place)
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


def _running(round_pk: int, by: User) -> Round:
    of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    return of


def _in_review(of: Round) -> None:
    rolling = of.programme.file.rolling and of.state in (RoundState.OPEN, RoundState.CLOSED)
    if of.state != RoundState.REVIEWING and not rolling:
        raise OutOfStep(state=RoundState(of.state).label, move=_("评审"))
    if of.proposed_at:
        raise OutOfStep(state=_("已报请审定"), move=_("评审"))


@transaction.atomic
def assign(round_pk: int, place: int, asked: Mapping[int, Sequence[int]], *, by: User, key: UUID) -> int:
    """Ask reviewers by hand: for each application, by id, the users. Returns how many sheets are new.

    Raises `NotHere` for an id that is not in the step, `NoReviewer`, `Conflicted`, `OutOfStep`.
    """
    of = _running(round_pk, by)
    body = {"step": place, "asked": {str(pk): sorted(users) for pk, users in sorted(asked.items())}}
    subject = f"step:{place}"
    if earlier := made("assign_step", stream=of.stream, subject=subject, key=key, content=body):
        return int(earlier.body["new"])
    _in_review(of)
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
    of = _running(round_pk, by)
    subject = f"step:{place}"
    if earlier := made("draw_experts", stream=of.stream, subject=subject, key=key):
        return Draw.objects.get(pk=earlier.body["draw"])
    _in_review(of)
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


def _open_sheet(pk: int, by: User) -> tuple[StepSheet, ReviewStep]:
    sheet = StepSheet.objects.visible_to(by).hold(pk)
    if sheet.reviewer_id != by.pk:
        raise NotHere
    _in_review(sheet.application.round)
    if sheet.application.state != State.REVIEWING or sheet.application.step != sheet.step:
        raise OutOfStep(state=_("这一步已经结束"), move=_("评审"))
    return sheet, step_of(sheet.application.round, sheet.step)


@transaction.atomic
def save_sheet(pk: int, body: Mapping[str, object], *, note: str = "", by: User) -> StepSheet:
    """Keep what is filled in so far, sound or not; a sheet that was submitted is not touched."""
    sheet, step = _open_sheet(pk, by)
    if sheet.state != SheetState.OPEN:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("修改"))
    known = {one.key for one in step.criteria} | {one.key for one in step.items} | {"vote", "verdict"}
    sheet.body = {name: value for name, value in body.items() if name in known}
    sheet.note = note[:2000]
    sheet.save(update_fields=["body", "note"])
    return sheet


@transaction.atomic
def submit_sheet(pk: int, body: Mapping[str, object], *, note: str = "", by: User, key: UUID) -> StepSheet:
    """Submit a sheet whole; it is not changed afterwards. Raises `SheetUnfinished`, `OutOfStep`, `NotHere`."""
    sheet, step = _open_sheet(pk, by)
    of, subject = sheet.application.round, f"step_sheet:{pk}"
    if made("submit_step", stream=of.stream, subject=subject, key=key):
        return sheet
    if sheet.state != SheetState.OPEN:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("提交"))
    sheet.body, sheet.verdict = _read(step, body, sheet)
    sheet.note = need_reason(note, 2) if sheet.verdict is False else note.strip()[:2000]
    sheet.state, sheet.submitted_at = SheetState.SUBMITTED, clock.now()
    sheet.save()
    content = {"application": sheet.application_id, "step": sheet.step}
    said = content if sheet.secret else content | {"body": sheet.body, "verdict": sheet.verdict}
    record("submit_step", stream=of.stream, subject=subject, by=by, content=said, key=key, sealed=sheet.secret)
    return sheet


def _read(step: ReviewStep, body: Mapping[str, object], sheet: StepSheet) -> tuple[dict[str, Any], bool | None]:
    match step.method:
        case "panel":
            return dict(read_marks(step, body)), None
        case "ballot":
            return dict(read_vote(body)), None
        case "checklist":
            items = read_items(step, body)
            wanted = [one for one in step.items if one.photograph]
            if wanted and not sheet.photographs.exists():
                raise SheetUnfinished(label=wanted[0].label.zh, why=_("要附现场照片。"))
            return items, all(line["mark"] == "pass" for line in items.values())
    verdict = body.get("verdict")
    if verdict not in ("pass", "fail", True, False):
        raise SheetUnfinished(label=step.label.zh, why=_("还没有选通过或不通过。"))
    return {}, verdict in ("pass", True)


@transaction.atomic
def add_photograph(pk: int, *, upload: "UploadedFile[Any]", by: User) -> StepSheet:
    """Add a photograph taken on the site to a sheet that is open."""
    sheet, step = _open_sheet(pk, by)
    if sheet.state != SheetState.OPEN or step.method != "checklist":
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("加照片"))
    if sheet.photographs.count() >= 20:
        raise BadInput(what=_("一次现场查看最多 20 张照片。"))
    stream = sheet.application.round.stream
    sheet.photographs.add(store(upload, by=by, stream=stream, subject=sheet.application.subject))
    return sheet


@transaction.atomic
def replace_reviewer(pk: int, user_pk: int, *, reason: str, by: User, key: UUID) -> StepSheet:
    """Ask somebody else in the place of a reviewer whose sheet is out; the old sheet stays and does not count."""
    sheet = StepSheet.objects.hold(pk)
    of = _running(sheet.application.round_id, by)
    subject = f"step_sheet:{pk}"
    if earlier := made("replace_step", stream=of.stream, subject=subject, key=key):
        return StepSheet.objects.get(pk=earlier.body["sheet"])
    _in_review(of)
    if sheet.state != SheetState.OPEN:
        raise OutOfStep(state=SheetState(sheet.state).label, move=_("换人"))
    step, said = step_of(of, sheet.step), need_reason(reason)
    pool = {user.pk: user for user in reviewers(of, step)}
    if user_pk not in pool:
        raise NoReviewer(who=str(User.objects.filter(pk=user_pk).first() or "–"))
    if pool[user_pk].person.employer_id in companies(sheet.application.unit):
        raise Conflicted(who=str(pool[user_pk]), unit=sheet.application.unit.name)
    sheet.state = SheetState.REPLACED
    sheet.save(update_fields=["state"])
    _hand_out(of, sheet.step, step, [(sheet.application, pool[user_pk])])
    new = StepSheet.objects.exclude(state=SheetState.REPLACED).get(
        application=sheet.application, step=sheet.step, reviewer=user_pk
    )
    content = {"sheet": new.pk, "before": sheet.reviewer_id, "after": user_pk}
    record("replace_step", stream=of.stream, subject=subject, by=by, content=content, key=key, note=said)
    return new


@transaction.atomic
def record_external(
    pk: int, *, passed: bool, number: str, dated: Any, note: str = "", by: User, key: UUID
) -> StepResult:
    """Enter what was decided elsewhere, with its number and date. Raises `OutOfStep`."""
    application = Application.objects.visible_to(by).hold(pk)
    of = _running(application.round_id, by)
    if earlier := made("external", stream=of.stream, subject=application.subject, key=key):
        return StepResult.objects.get(pk=earlier.body["result"])
    _in_review(of)
    step = step_of(of, application.step)
    if application.state != State.REVIEWING or step.method != "external":
        raise OutOfStep(state=application.told_as(by), move=_("登记结果"))
    if dated > clock.today():
        raise BadInput(what=_("日期还没有到。"))
    working = {"number": need_reason(number, 2)[:80], "dated": dated.isoformat(), "note": note.strip()[:400]}
    result, _new = StepResult.objects.update_or_create(
        application=application, step=application.step,
        defaults={"passed": passed, "working": working, "at": clock.now()},
    )  # fmt: skip
    content = {"result": result.pk, "passed": passed, **working}
    record("external", stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    return result


def outcomes(of: Round, place: int, rows: Sequence[Application]) -> dict[int, StepResult]:
    """What a step comes to for these applications, unsaved. Raises `SheetsOut`, `NobodyAssigned`, `QuorumMissing`."""
    step, at = step_of(of, place), clock.now()
    if step.method == "external":
        known = {one.application_id: one for one in StepResult.objects.filter(application__in=rows, step=place)}
        _all_judged(rows, known)
        return known
    if step.method == "computed":
        found = {}
        for row in rows:
            score, workings = computed_score(of.rules, row.facts)
            working = [{"key": one.key, "points": str(one.points), "reading": one.reading} for one in workings]
            found[row.pk] = StepResult(
                application=row, step=place, score=in_points(score), passed=True, working={"indicators": working}, at=at
            )
        return found
    sheets: dict[int, list[StepSheet]] = {}
    asked = StepSheet.objects.filter(application__in=rows, step=place).exclude(state=SheetState.REPLACED)
    for sheet in asked.select_related("reviewer__person", "application__unit").order_by("pk"):
        sheets.setdefault(sheet.application_id, []).append(sheet)
    _all_judged(rows, sheets)
    out = [sheet for held in sheets.values() for sheet in held if sheet.state == SheetState.OPEN]
    if out and step.method != "ballot":
        names = "、".join(dict.fromkeys(str(sheet.reviewer) for sheet in out[:8]))
        raise SheetsOut(n=len(out), names=names)
    return {row.pk: _outcome(step, place, row, sheets[row.pk]) for row in rows}


def _all_judged(rows: Sequence[Application], known: Mapping[int, object]) -> None:
    if missing := [row.unit.name for row in rows if row.pk not in known]:
        raise NobodyAssigned(n=len(missing), units="、".join(missing[:5]))


def _outcome(step: ReviewStep, place: int, row: Application, sheets: list[StepSheet]) -> StepResult:
    result = StepResult(application=row, step=place, passed=True, at=clock.now())
    if step.method == "panel":
        scores = [marked(step, sheet.body) for sheet in sheets]
        result.score = in_points(panel_score(step, scores))
        result.working = {"sheets": [str(in_points(one)) for one in sorted(scores)]}
    elif step.method == "ballot":
        votes = [sheet.body["vote"] for sheet in sheets if sheet.state == SheetState.SUBMITTED]
        result.passed, result.working = counted(step, row.unit.name, votes, len(sheets))
    else:
        result.passed = all(sheet.verdict for sheet in sheets)
        result.working = {"notes": [sheet.note for sheet in sheets if sheet.note]}
    return result


def as_candidate(row: Application, result: StepResult, group: str = "") -> Candidate:
    """An application in a step, for its cut."""
    score = int(result.score * 1_000_000) if result.score is not None else None
    return Candidate(row.pk, score, row.submitted_at or clock.now(), result.passed, group=group)


@transaction.atomic
def close_step(round_pk: int, place: int, *, by: User, key: UUID) -> int:
    """End a step for all that stand in it: scores are reckoned, the cut is made; returns how many go on.

    Those that are cut stay pending until the release. Raises `SheetsOut`, `NobodyAssigned`, `QuorumMissing`.
    """
    of = _running(round_pk, by)
    subject = f"step:{place}"
    if earlier := made("close_step", stream=of.stream, subject=subject, key=key):
        return int(earlier.body["on"])
    if of.programme.file.rolling:
        raise OutOfStep(state=_("常年受理"), move=_("整批结束"))
    _in_review(of)
    rows = at_step(of, place)
    if not rows:
        raise OutOfStep(state=_("没有申报在这一步"), move=_("结束这一步"))
    on = finish_step(of, place, rows)
    content = {"step": place, "on": len(on), "of": len(rows)}
    record("close_step", stream=of.stream, subject=subject, by=by, content=content, key=key)
    record_many(
        of.stream,
        [Entry(act="step_result", subject=row.subject, content={"step": place, "on": row.pk in on}) for row in rows],
        by=by,
    )
    return len(on)


def finish_step(of: Round, place: int, rows: list[Application]) -> set[int]:
    """Reckon and keep what a step came to; those that go on stand in the next one."""
    step = step_of(of, place)
    results = outcomes(of, place, rows)
    groups = {row.pk: str(row.facts.get(step.cut.by, "")) if step.cut.by else "" for row in rows}
    candidates = [as_candidate(row, results[row.pk], groups[row.pk]) for row in rows]
    on = go_on(step.cut, candidates)
    ranks = {one.pk: n for n, one in enumerate(in_order([one for one in candidates if one.passed]), 1)}
    for row in rows:
        result = results[row.pk]
        result.rank = ranks.get(row.pk) if step.scores else None
        result.passed = row.pk in on
    fresh = [one for one in results.values() if one.pk is None]
    StepResult.objects.bulk_create(fresh)
    StepResult.objects.bulk_update([one for one in results.values() if one not in fresh], ["rank", "passed"])
    of.applications.filter(pk__in=on).update(step=place + 1)
    return on
