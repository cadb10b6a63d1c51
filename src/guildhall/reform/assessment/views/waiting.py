"""What waits for whom, on the workbench and on a round's page."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.registry import Act, Tab
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.panels import Panel, Progress
from guildhall.foundation.screens.todo import Todo
from guildhall.reform.assessment.models import Meeting, Result, Sheet, Step
from guildhall.reform.assessment.moves.scoring import AT_DEADLINE
from guildhall.reform.assessment.rules import judged
from guildhall.reform.assessment.states import ConflictState, SheetKind, SheetState, StepState

STAGES = {StepState.PLANNED: 2, StepState.ASSIGNED: 2, StepState.SCORING: 2, StepState.FROZEN: 3, StepState.COMPUTED: 3}
BEFORE = (RoundState.OPEN, RoundState.CLOSED, RoundState.REVIEWING)


def _url(name: str, *args: object) -> str:
    return reverse(f"assessment:{name}", args=args)


def marking(user: User) -> Iterator[Todo]:
    """For assessors, deputies and experts: the sheets that take marks."""
    if not (user.unions_with(Right.SCORE) or user.unions_with(Right.JUDGE)):
        return
    rows = (
        Sheet.objects.visible_to(user).told().filter(step__state=StepState.SCORING).exclude(state=SheetState.SUBMITTED)
    )
    for sheet in rows.order_by("pk"):
        if sheet.takes_marks:
            yield _sheet_todo(sheet)


def _sheet_todo(sheet: Sheet) -> Todo:
    seen: Any = sheet.step.sheets.in_progress(len(judged(sheet.step.round.rules))).get(pk=sheet.pk)
    left, of = seen.given - seen.done, sheet.step.round
    title = _("互评还差 %(n)d 家") if sheet.kind == SheetKind.PEERS else _("专家评分还差 %(n)d 家")
    if not left:
        title = _("核对并提交 %(given)d 家的评分")
    why = _("%(round)s，已评 %(done)d / %(given)d 家") % {"round": of.title, "done": seen.done, "given": seen.given}
    url = _url("sheet", sheet.pk)
    facts = {"n": left, "given": seen.given}
    return Todo(title % facts, why, of.scoring_closes_at, url, _("去评分") if left else _("去提交"), max(left, 1))


def answering(user: User) -> Iterator[Todo]:
    """For the officer in charge: declarations to answer. The step's next act stands with the round's own."""
    unions = user.unions_with(Right.RUN_ROUNDS)
    if not unions:
        return
    open_ones = Q(round__conflicts__state=ConflictState.PROPOSED)
    steps: Any = Step.objects.visible_to(user).filter(
        round__union__in=unions, round__state__in=BEFORE, state=StepState.PLANNED
    )
    for step in steps.annotate(n=Count("round__conflicts", filter=open_ones)).filter(n__gt=0).select_related("round"):
        n, due = step.n, clock.end_of_day(step.declare_until)
        title = _("答复 %(n)d 件回避申报") % {"n": n}
        yield Todo(title, step.round.title, due, _url("conflicts", step.round_id), _("去答复"), n)


def next_acts(of: Round, user: User) -> list[Act]:
    """The step's own next act, to do for those who run the round; none once it is computed. Registered with the cycle."""
    step = Step.objects.visible_to(user).filter(round=of).first()
    found = _next(step, of) if step and of.state == RoundState.REVIEWING else None
    if found and not user.may(Right.RUN_ROUNDS, of.union):
        found = Act(found.label, found.why, by=found.by)
    return [found] if found else []


def _next(step: Step, of: Round) -> Act | None:
    over = clock.now() > of.scoring_closes_at
    match step.state:
        case StepState.PLANNED:
            why = _("回避申报到 %(day)s") % {"day": formats.day(step.declare_until)}
            return Act(_("分组排号"), why, by=of.scoring_opens_at, url=_url("drawing", of.pk))
        case StepState.ASSIGNED:
            why = _("到时自动开始，您也可以到时自己点。")
            return Act(_("开始评分"), why, by=of.scoring_opens_at, url=_url("drawing", of.pk))
        case StepState.SCORING:
            left = step.sheets.filter(state__in=(SheetState.OPEN, *AT_DEADLINE)).count()
            why = _("还有 %(n)d 份没有提交") % {"n": left} if left else _("评分表都已提交")
            if over or not left:
                return Act(_("封存"), why, url=_url("freezing", of.pk))
            return Act(_("看评分进度"), why, by=of.scoring_closes_at, url=_url("progress", of.pk))
        case StepState.FROZEN:
            return Act(_("测算"), _("评分已封存"), url=_url("freezing", of.pk))
    return None


def speaking(user: User) -> Iterator[Todo]:
    """For the unit's officer: name who scores, declare conflicts, read the result."""
    unions = user.unions_with(Right.SPEAK_FOR_UNIT)
    if not unions:
        return
    rows = Application.objects.visible_to(user).filter(union__in=unions, round__step__isnull=False)
    rows = rows.exclude(round__state__in=(RoundState.CANCELLED, RoundState.FINISHED))
    for row in rows.select_related("round__step", "round__union", "unit", "union"):
        yield from _unit_todos(row, user)


def _unit_todos(row: Application, user: User) -> Iterator[Todo]:
    of, step = row.round, row.round.step
    if step.state == StepState.PLANNED and row.state in (State.REFUSED, State.WITHDRAWN):
        return  # It left before the drawing, and marks nobody.
    before = step.state in (StepState.PLANNED, StepState.ASSIGNED) and of.state in BEFORE
    if before and not row.union.appointments.giving(Right.SCORE).exists():
        why = _("%(round)s，%(when)s 开始评分") % {"round": of.title, "when": formats.moment(of.scoring_opens_at)}
        yield Todo(_("指定互评人和替补"), why, of.scoring_opens_at, reverse("organisations:scorers"), _("去指定"))
    if step.state == StepState.SCORING and clock.now() <= of.scoring_closes_at:
        yield from _own_sheet(row)
    ends = clock.end_of_day(step.declare_until)
    if step.state == StepState.PLANNED and of.state in BEFORE and clock.today() <= step.declare_until:
        why = _("没有要回避的单位，就不用办。")
        yield Todo(_("申报回避"), why, ends, _url("declarations", of.pk), _("去申报"))
    result = Result.objects.visible_to(user).filter(application=row).first()
    if result:
        notice = getattr(of, "notice", None)
        yield Todo(
            _("看本单位的结果"),
            of.title,
            notice.ends_at if notice else None,
            _url("result", of.pk, result.pk),
            _("去看"),
        )


def _own_sheet(row: Application) -> Iterator[Todo]:
    """What the unit's own assessor has still to mark: how many, never whom."""
    of = row.round
    sheets: Any = of.step.sheets.filter(entrant__application=row).exclude(state=SheetState.SUBMITTED)
    for sheet in sheets.in_progress(len(judged(of.rules))):
        left = sheet.given - sheet.done
        title = _("本单位的互评还差 %(n)d 家") % {"n": left} if left else _("本单位的互评等提交")
        why = _("由互评人评分，打不了时由替补打；过了时间，没评完的单位算缺评")
        yield Todo(title, why, of.scoring_closes_at, reverse("organisations:scorers"), _("看互评人"), max(left, 1))


def panels(user: User) -> Iterator[Panel]:
    """Sheets received in the rounds that are scored now, for those who run or decide them."""
    unions = {*user.unions_with(Right.RUN_ROUNDS), *user.unions_with(Right.DECIDE)}
    if not unions:
        return
    steps: Any = Step.objects.visible_to(user).filter(
        round__union__in=unions, round__state=RoundState.REVIEWING, state=StepState.SCORING
    )
    handed = Count("sheets", filter=Q(sheets__state=SheetState.SUBMITTED))
    for step in (
        steps.annotate(all=Count("sheets"), handed=handed).select_related("round__union").order_by("-round__year")
    ):
        url = _url("progress", step.round_id) if user.may(Right.RUN_ROUNDS, step.round.union) else ""
        shown = Progress(_("已收评分"), step.handed, step.all, _("份"))
        note = formats.deadline(step.round.scoring_closes_at)
        yield Panel(_("评分进度"), url, progress=shown, note=note)


def stage(of: Round) -> int:
    """Which of the programme's stages an assessed round stands in. Registered with the cycle."""
    by_state = {RoundState.PLANNED: 0, RoundState.OPEN: 0, RoundState.CLOSED: 1, RoundState.DECIDED: 3, RoundState.RELEASED: 4,
                RoundState.IN_NOTICE: 4, RoundState.FINISHED: 5, RoundState.CANCELLED: 0}  # fmt: skip
    if of.state != RoundState.REVIEWING:
        return by_state[RoundState(of.state)]
    return STAGES[StepState(of.step.state)]


def pages(of: Round, user: User) -> list[Tab]:
    """The step's parts of a round that this reader may open. Registered with the cycle."""
    step = Step.objects.visible_to(user).filter(round=of).first()
    if step is None:
        return []
    found: list[Tab] = []
    if user.may(Right.RUN_ROUNDS, of.union):
        found = [Tab(_("回避"), _url("conflicts", of.pk)), Tab(_("分组"), _url("drawing", of.pk))]
        if step.state not in (StepState.PLANNED, StepState.ASSIGNED):
            found += [Tab(_("评分进度"), _url("progress", of.pk)), Tab(_("封存和测算"), _url("freezing", of.pk))]
    elif (
        Application.objects.visible_to(user).filter(round=of, union__in=user.unions_with(Right.SPEAK_FOR_UNIT)).exists()
    ):
        found = [Tab(_("回避申报"), _url("declarations", of.pk))]
    if user.may(Right.RUN_ROUNDS, of.union) or Meeting.objects.visible_to(user).filter(step=step).exists():
        found.append(Tab(_("考核会"), _url("meeting", of.pk)))
    computed = step.state == StepState.COMPUTED and (of.inside(user) or of.released)
    if computed:
        found.append(Tab(_("结果"), _results_url(of, user)))
    if of.inside(user) and step.state in (StepState.FROZEN, StepState.COMPUTED):
        found.append(Tab(_("评分分析"), _url("analysis", of.pk)))
    if user.may(Right.AUDIT, of.union) and step.state != StepState.PLANNED:
        found.append(Tab(_("封存的种子"), _url("sealed", of.pk)))
    if step.state != StepState.PLANNED:
        found.append(Tab(_("公开页"), _url("public", of.pk)))
    return found


def _results_url(of: Round, user: User) -> str:
    """Who may see one result alone goes straight to it."""
    mine = [] if of.inside(user) else list(Result.objects.visible_to(user).filter(application__round=of)[:2])
    return _url("result", of.pk, mine[0].pk) if len(mine) == 1 else _url("results", of.pk)
