"""Rounds: the list, a round's page and its parts, and the acts on it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.organisations.views.pages import sent
from guildhall.foundation.programmes.forms.rounds import ExtendForm, PlanForm, ReasonForm
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.moves import notices, rounds
from guildhall.foundation.programmes.rules import counted_days, next_round_state
from guildhall.foundation.programmes.states import RoundMove, RoundState
from guildhall.foundation.programmes.views import SignedIn, key_of, stages, timeline
from guildhall.foundation.programmes.views.decision import held_against, summary
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists import Act, Choice, Column, Kind, ListPage, page


def _told(row: Any) -> str:
    return str(RoundState(row.told_state).label)


class Rounds(ListPage):
    """批次, as each reader may know them."""

    title = lazy("批次")
    noun = lazy("个")
    columns = (
        Column(key="title", label=lazy("批次"), link=lambda row: reverse("rounds:page", args=[row.pk]), sort="title"),
        Column(key="year", label=lazy("年度"), sort="year", phone="right"),
        Column(key="programme", label=lazy("项目办法")),
        Column(key="told", label=lazy("状态"), value="told_state", show=_told, export=_told, sort="told_state"),
        Column(key="closes_on", label=lazy("材料截止"), kind=Kind.DAY, sort="closes_on"),
        Column(key="scoring_closes_at", label=lazy("评分截止"), kind=Kind.MOMENT, sort="scoring_closes_at"),
        Column(key="units", label=lazy("单位"), kind=Kind.NUMBER, sort="units"),
    )
    filters = (Choice(key="state", label=lazy("状态"), options=RoundState.choices, field="told_state"),)
    search = ("title",)
    search_label = lazy("批次名称")
    order = "-year"
    empty = lazy("还没有批次。市总开始一个批次后，会出现在这里。")


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """All rounds within the reader's scope."""
    rows = Round.objects.visible_to(request.user).told_to(request.user).select_related("programme")
    acts = []
    if request.user.may(Right.RUN_ROUNDS):
        acts = [Act(label=_("新批次"), url=reverse("rounds:plan"), icon="plus", red=True)]
    return page(request, Rounds, rows.annotate(units=Count("applications")), acts=acts)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: SignedIn) -> HttpResponse:
    """Plan a round of a programme; its set-up follows."""
    require_anywhere(request.user)
    form = PlanForm(request.POST or None, initial={"year": clock.today().year})
    planned = sent(request, form, lambda **said: _planned(form, said))
    if planned:
        messages.success(request, _("已存下，别人还看不到。接下来逐项核对设置。"))
        return redirect("rounds:setup", planned.pk, "indicators")
    return render(request, "programmes/rounds/plan.html", {"form": form}, status=422 if form.errors else 200)


def _planned(form: PlanForm, said: dict[str, Any]) -> Round:
    facts = {name: said[name] for name in ("year", "title", "by", "key")}
    return rounds.plan_round(said["programme"], dates=form.dates(), **facts)


def require_anywhere(user: Any) -> None:
    """Raise `NoRight` unless the user runs rounds somewhere."""
    if not user.may(Right.RUN_ROUNDS):
        raise NoRight


def shown(request: SignedIn, pk: int, here: str, **more: object) -> dict[str, object]:
    """What every part of a round's page has: head, rail, next act and tabs."""
    of = more.pop("of", None) or Round.objects.visible_to(request.user).pick(pk)
    assert isinstance(of, Round)
    acts = stages.next_acts(of, request.user)
    return {
        "round": of, "told": of.told(request.user).label, "tone": stages.TONES.get(of.told(request.user), ""),
        "stages": stages.stages(of, request.user), "acts": acts, "lead": stages.lead(of, acts), "key": uuid4(),
        "tabs": stages.tabs(of, request.user, reverse(f"rounds:{here}", args=[pk])),
        "crumbs": [(_("批次"), reverse("rounds:index")), (of.title, "")],
        "runs": request.user.may(Right.RUN_ROUNDS, of.union), "decides": request.user.may(Right.DECIDE, of.union),
        **more,
    }  # fmt: skip


@login_required
@require_safe
def record(request: SignedIn, pk: int) -> HttpResponse:
    """A round's page: where it stands, what is next, what it is made of, what happened."""
    facts = shown(request, pk, "page")
    of = facts["round"]
    assert isinstance(of, Round)
    own = Application.objects.visible_to(request.user).filter(
        round=of, union__in=request.user.unions_with(Right.SPEAK_FOR_UNIT)
    )
    facts |= {
        "entries": timeline.of_round(of, request.user, 12), "rules": of.rules, "extensions": of.extensions.all(),
        "cost": sum(tier.seats * tier.sum_fen for tier in of.rules.outcome.tiers),
        "own": [(row, row.told_as(request.user)) for row in own.select_related("unit", "round__union")],
    }  # fmt: skip
    return render(request, "programmes/rounds/round.html", facts)


@login_required
@require_safe
def records(request: SignedIn, pk: int) -> HttpResponse:
    """The round's whole time line."""
    facts = shown(request, pk, "records")
    facts["entries"] = timeline.of_round(facts["round"], request.user, 200)  # type: ignore[arg-type]
    return render(request, "programmes/rounds/records.html", facts)


@login_required
@require_safe
def notice(request: SignedIn, pk: int) -> HttpResponse:
    """The round's notice, and the objections to it as this reader may know them."""
    facts = shown(request, pk, "notice")
    of = facts["round"]
    assert isinstance(of, Round)
    return render(request, "programmes/rounds/notice.html", facts | {"notice": getattr(of, "notice", None)})


@login_required
@require_safe
def objections(request: SignedIn, pk: int) -> HttpResponse:
    """The objections to this round's notice."""
    of = Round.objects.visible_to(request.user).pick(pk)
    return redirect(f"{reverse('objections:index')}?round={of.pk}")


@login_required
@require_POST
def close(request: SignedIn, pk: int) -> HttpResponse:
    """Close the round to further materials before its day ends."""
    rounds.close_round(pk, by=request.user, key=key_of(request))
    messages.success(request, _("材料已截止。审查完剩下的申报，就可以开始评审。"))
    return redirect("rounds:page", pk)


@login_required
@require_POST
def review(request: SignedIn, pk: int) -> HttpResponse:
    """Begin the review."""
    rounds.start_review(pk, by=request.user, key=key_of(request))
    messages.success(request, _("评审开始了，申报材料不再变动。"))
    return redirect("rounds:page", pk)


@login_required
@require_POST
def propose(request: SignedIn, pk: int) -> HttpResponse:
    """Put the result before the leader."""
    of = rounds.propose_result(pk, by=request.user, key=key_of(request))
    who = stages.names(of, Right.DECIDE)
    messages.success(request, _("已报%(who)s审定。审定或退回，您都会收到消息。") % {"who": who})
    return redirect("rounds:page", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: SignedIn, pk: int) -> HttpResponse:
    """Move the end of scoring, for all, with a reason."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    form = ExtendForm(request.POST or None)
    if sent(request, form, lambda **said: rounds.extend_scoring(pk, **said)):
        when = formats.moment(form.cleaned_data["until"])
        messages.success(request, _("评分延长到 %(when)s，所有互评人和专家都收到了消息。") % {"when": when})
        return redirect("rounds:page", pk)
    facts = shown(request, pk, "page", of=of, form=form)
    return render(request, "programmes/rounds/extend.html", facts, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: SignedIn, pk: int) -> HttpResponse:
    """The leader's page: what is decided is repeated, and decided or sent back from here."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.DECIDE, at=of.union)
    if request.method == "POST":
        rounds.decide(pk, override=request.POST.get("override", ""), by=request.user, key=key_of(request))
        messages.success(request, _("已审定。承办人会公布结果；公布以前，各单位看不到。"))
        return redirect("rounds:page", pk)
    if not of.proposed_at:
        raise rounds.NotProposed
    facts = shown(request, pk, "page", of=of, summary=summary(of), form=ReasonForm(), **held_against(of))
    return render(request, "programmes/rounds/decide.html", facts)


@login_required
@require_POST
def send_back(request: SignedIn, pk: int) -> HttpResponse:
    """The leader sends the result back with a reason."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        rounds.send_back(pk, reason=form.cleaned_data["reason"], by=request.user, key=form.cleaned_data["key"])
        messages.success(request, _("已退回承办人，理由一并写入记录。"))
        return redirect("rounds:page", pk)
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.DECIDE, at=of.union)
    facts = shown(request, pk, "page", of=of, summary=summary(of), form=form, **held_against(of))
    return render(request, "programmes/rounds/decide.html", facts, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: SignedIn, pk: int) -> HttpResponse:
    """Show every unit its own result, all at once; the page repeats what is shown to whom."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    if request.method == "POST":
        rounds.release(pk, by=request.user, key=key_of(request))
        messages.success(request, _("结果已公布，各单位都收到了消息。接下来发布公示。"))
        return redirect("rounds:page", pk)
    next_round_state(of.state, RoundMove.RELEASE)
    return render(request, "programmes/rounds/release.html", shown(request, pk, "page", of=of, summary=summary(of)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: SignedIn, pk: int) -> HttpResponse:
    """Publish the notice; its days are counted and shown before."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    if request.method == "POST":
        published = notices.publish(pk, by=request.user, key=key_of(request))
        said = {"number": published.number, "until": formats.moment(published.ends_at)}
        messages.success(request, _("公示已发布，编号 %(number)s，%(until)s 结束。到期没有异议的单位自动命名。") % said)
        return redirect("rounds:notice", pk)
    next_round_state(of.state, RoundMove.PUBLISH)
    days = counted_days(clock.today(), of.rules.notice)
    facts = shown(request, pk, "page", of=of, summary=summary(of), days=days, ends=clock.end_of_day(days[-1]))
    return render(request, "programmes/rounds/publish.html", facts)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedIn, pk: int) -> HttpResponse:
    """The leader cancels a round, with a reason."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.DECIDE, at=of.union)
    form = ReasonForm(request.POST or None)
    if sent(request, form, lambda **said: rounds.cancel_round(pk, **said)):
        messages.success(request, _("批次已取消，参加的单位都收到了消息。"))
        return redirect("rounds:page", pk)
    facts = shown(request, pk, "page", of=of, form=form)
    return render(request, "programmes/rounds/cancel.html", facts, status=422 if form.errors else 200)
