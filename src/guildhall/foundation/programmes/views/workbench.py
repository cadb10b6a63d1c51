"""The cycle on the workbench, beside it, and in the navigation."""

from collections.abc import Iterator

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.programmes.models import Application, Objection, Round
from guildhall.foundation.programmes.moves.applying import open_to
from guildhall.foundation.programmes.moves.changes import awaiting_a_list, listed_since
from guildhall.foundation.programmes.states import WITH_UNIT, ObjectionState, RoundState, State
from guildhall.foundation.programmes.views import stages, timeline
from guildhall.foundation.programmes.views.endorsing import waits_for
from guildhall.foundation.screens import formats, navigation, panels, public, todo

RUNNING = (
    RoundState.OPEN, RoundState.CLOSED, RoundState.REVIEWING, RoundState.DECIDED, RoundState.RELEASED,
    RoundState.IN_NOTICE,
)  # fmt: skip


def waiting(user: User) -> Iterator[todo.Todo]:
    """What waits for the person in rounds: the officer's next acts, the leader's decision, the unit's materials."""
    if user.may(Right.RUN_ROUNDS) or user.may(Right.DECIDE):
        yield from _acts(user)
    if user.may(Right.RUN_ROUNDS):
        yield from _objections(user)
        yield from _second_lists(user)
    if user.may(Right.ENDORSE):
        yield from _levels(user)
    if user.may(Right.SPEAK_FOR_UNIT):
        yield from _unit(user)
        yield from _applying(user)


def _acts(user: User) -> Iterator[todo.Todo]:
    rounds = Round.objects.visible_to(user).filter(state__in=(RoundState.PLANNED, *RUNNING))
    for of in rounds.exclude(state=RoundState.IN_NOTICE).select_related("programme", "union"):
        for act in stages.next_acts(of, user)[:1]:
            if act.url:
                url = reverse("rounds:page", args=[of.pk]) if act.post else act.url
                yield todo.Todo(
                    _("%(act)s：%(round)s") % {"act": act.label, "round": of.title},
                    act.why or _said(of),
                    act.by,
                    url,
                    act.label,
                )


def _said(of: Round) -> str:
    return {
        RoundState.PLANNED: _("设置核对完就可以开始"),
        RoundState.REVIEWING: _("结果已经算出，等您决定"),
        RoundState.RELEASED: _("结果已公布，公示以后才能命名和付款"),
    }.get(RoundState(of.state), "")


def _objections(user: User) -> Iterator[todo.Todo]:
    open_ones = Objection.objects.visible_to(user).filter(state=ObjectionState.OPEN)
    found = open_ones.aggregate(n=Count("pk"), first=Min("answer_by"))
    if found["n"]:
        url = f"{reverse('objections:index')}?state={ObjectionState.OPEN.value}"
        why = _("答复以前，有异议的单位不命名、不付款")
        yield todo.Todo(_("答复 %(n)d 件异议") % found, why, found["first"], url, _("去答复"), found["n"])


def _second_lists(user: User) -> Iterator[todo.Todo]:
    """Rounds in notice in which every objection is answered and one that was upheld is told of by no list yet."""
    for of in awaiting_a_list(user):
        if changes := listed_since(of):
            why = _("采纳的异议改动了名单 %(n)d 处。") % {"n": len(changes)}
            url = reverse("rounds:publish_again", args=[of.pk])
            yield todo.Todo(_("发布第二次名单：%(round)s") % {"round": of.title}, why, None, url, _("去发布"))


def _unit(user: User) -> Iterator[todo.Todo]:
    mine = Application.objects.visible_to(user).filter(union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
    for row in mine.filter(state=State.CHECKING, round__state=RoundState.OPEN).select_related("round"):
        due = clock.end_of_day(row.round.closes_on)
        if due > clock.now():
            url = reverse("rounds:application", args=[row.pk])
            why = _("核对市总填入的数据，补充证明材料")
            yield todo.Todo(_("补充材料：%(round)s") % {"round": row.round.title}, why, due, url, _("去补充"))


def _levels(user: User) -> Iterator[todo.Todo]:
    """What waits for the reader's own level, as one line."""
    found = waits_for(user)
    if found:
        first = Application.objects.visible_to(user).filter(pk__in=found).aggregate(first=Min("due_at"))["first"]
        why = _("审查材料，推荐、退回或不予推荐")
        label = _("推荐 %(n)d 件申报") % {"n": len(found)}
        yield todo.Todo(label, why, first, reverse("rounds:endorsing"), _("去推荐"), len(found))


def _applying(user: User) -> Iterator[todo.Todo]:
    """A unit's drafts and returned applications, and the calls it has not answered."""
    mine = Application.objects.visible_to(user).filter(union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
    for row in mine.filter(state__in=WITH_UNIT).select_related("round"):
        back = row.state == State.RETURNED
        title = _("补正申报：%(round)s") if back else _("提交申报：%(round)s")
        why = _("退回的地方已经标出") if back else _("草稿已存下，还没有提交")
        url = reverse("rounds:application", args=[row.pk])
        yield todo.Todo(title % {"round": row.round.title}, why, row.due_at, url, _("去补正") if back else _("接着填"))
    called = Round.objects.visible_to(user).filter(state=RoundState.OPEN, setup__entry="applied")
    for of in called.exclude(applications__in=mine).select_related("programme", "union"):
        if open_to(of, user):
            due, url = clock.end_of_day(of.closes_on), reverse("rounds:apply", args=[of.pk])
            yield todo.Todo(_("申报：%(round)s") % {"round": of.title}, _("不申报就不用办"), due, url, _("去申报"))


def beside(user: User) -> Iterator[panels.Panel]:
    """The round that runs now: where it stands, by the programme's own stages."""
    rounds = Round.objects.visible_to(user).filter(state__in=RUNNING).select_related("programme", "union")
    for of in rounds.order_by("-year", "-pk")[:1]:
        acts = stages.next_acts(of, user)
        url = reverse("rounds:page", args=[of.pk])
        yield panels.Panel(of.title, url, stages=stages.stages(of, user), note=stages.lead(of, acts))


def released(user: User) -> Iterator[panels.Panel]:
    """What a unit's officer was lately told: the result is out, or the notice runs."""
    if not user.may(Right.SPEAK_FOR_UNIT):
        return
    own = Q(applications__union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
    out = Round.objects.visible_to(user).filter(own, released_at__isnull=False).select_related("programme", "union")
    for of in out.order_by("-released_at").distinct()[:1]:
        note = _("结果 %(when)s 公布，可以看本单位的得分和理由。") % {"when": formats.moment(of.released_at)}
        yield panels.Panel(
            _("最近公布"), reverse("rounds:page", args=[of.pk]), facts=[(_("批次"), of.title)], note=note
        )


def register() -> None:
    """Add the cycle to the workbench, the navigation and the public pages; called once when Django is ready."""
    timeline.name_acts()
    todo.register(waiting)
    panels.register(beside)
    panels.register(released)
    readers = (
        Role.FEDERATION_OFFICER, Role.LEADER, Role.AUDITOR, Role.FINANCE_OFFICER, Role.DISTRICT_OFFICER,
        Role.INDUSTRY_OFFICER, Role.UNIT_OFFICER,
    )  # fmt: skip
    endorses = (Role.DISTRICT_OFFICER, Role.INDUSTRY_OFFICER, Role.UNIT_OFFICER)
    answers = (Role.FEDERATION_OFFICER, Role.LEADER)
    for entry in (
        navigation.Entry(
            label=lazy("互评考核"), url_name="rounds:index", icon="scale", section=lazy("产改"), roles=readers, order=30,
            tab=True, short=lazy("批次"),
        ),
        navigation.Entry(
            label=lazy("待推荐"), url_name="rounds:endorsing", icon="users", section=lazy("产改"), roles=endorses, order=32,
            tab=True,
        ),
        navigation.Entry(
            label=lazy("异议"), url_name="objections:index", icon="message-2", section=lazy("产改"), roles=answers, order=34,
        ),
    ):  # fmt: skip
        navigation.register(entry)
    public.register_place(public.Place(lazy("全部公示"), "notices:index", 10))


__all__ = ["beside", "register", "released", "waiting"]
