"""Where a round stands, and the one next act: whose it is, and until when."""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Round, may_archive
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves.changes import gap_after, listed_since, said_gap, unanswered
from guildhall.foundation.programmes.registry import ACTS, PAGES, READY, STAGE, Act, hook
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.panels import Stage, rail

BY_STATE: dict[str, int] = {
    RoundState.PLANNED: 0, RoundState.OPEN: 0, RoundState.CLOSED: 1, RoundState.REVIEWING: 2, RoundState.DECIDED: 3,
    RoundState.RELEASED: 4, RoundState.IN_NOTICE: 4, RoundState.FINISHED: 5, RoundState.CANCELLED: 0,
}  # fmt: skip
TONES: dict[str, str] = {
    RoundState.OPEN: "blue", RoundState.CLOSED: "amber", RoundState.REVIEWING: "amber", RoundState.DECIDED: "amber",
    RoundState.RELEASED: "amber", RoundState.IN_NOTICE: "amber", RoundState.FINISHED: "green",
}  # fmt: skip


def stages(of: Round, user: User) -> list[Stage]:
    """The stage rail by the programme's own names. To those outside, the hour alone moves it while a result is made."""
    labels = [worded(words) for words in of.programme.file.stages]
    own = STAGE.get(of.programme.file.confer)
    if own and of.inside(user):
        now = own(of)
    else:
        late = of.told(user) == RoundState.REVIEWING and clock.now() > of.scoring_closes_at
        now = BY_STATE[RoundState.DECIDED if late else of.told(user)]
    dated = [of.opens_on, of.closes_on, of.scoring_closes_at, None, of.notice_on]
    whens = [formats.day(one) if one else "" for one in dated]
    return rail(labels, now, [*whens, *[""] * len(labels)][: len(labels)])


def names(of: Round, right: Right) -> str:
    """Who may act, by name."""
    people = holders(right, of.union.lineage).select_related("person").order_by("pk")[:2]
    return "、".join(user.person.name for user in people)


def next_acts(of: Round, user: User) -> list[Act]:
    """What is to be done next, the first one first, as this reader may know it."""
    if of.state == RoundState.CANCELLED:
        return []
    if not of.inside(user):
        return _outside(of)
    if of.state == RoundState.FINISHED:
        return _finished(of, user)
    own = ACTS.get(of.programme.file.confer)
    if own and not of.proposed_at and of.state in (RoundState.OPEN, RoundState.CLOSED, RoundState.REVIEWING):
        if found := own(of, user):
            return found
    return _inside(of, user)


def _inside(of: Round, user: User) -> list[Act]:
    def act(
        label: str, name: str, *, right: Right = Right.RUN_ROUNDS, why: str = "", by: datetime | None = None,
        post: bool = False,
    ) -> Act:  # fmt: skip
        if user.may(right, of.union):
            return Act(label, why, by=by, url=reverse(f"rounds:{name}", args=[of.pk]), post=post)
        return Act(label, why, names(of, right), by)

    match of.state:
        case RoundState.PLANNED:
            return [act(_("核对后开始"), "check", by=clock.end_of_day(of.opens_on))]
        case RoundState.OPEN | RoundState.CLOSED:
            return _before_review(of, act)
        case RoundState.REVIEWING if of.proposed_at:
            return [act(_("审定结果"), "decide", right=Right.DECIDE)]
        case RoundState.REVIEWING:
            return _in_review(of, act)
        case RoundState.DECIDED:
            return [act(_("公布结果"), "release", why=_("已审定，各单位还看不到。"))]
        case RoundState.RELEASED:
            return [_after_release(of, act)]
        case RoundState.IN_NOTICE:
            return _in_notice(of, act)
    return []


def _after_release(of: Round, act: Callable[..., Act]) -> Act:
    if of.rules.public_notice:
        return act(_("发布公示"), "publish")
    return act(_("命名并办结"), "confer", post=True, why=_("这个办法不公示。"))


def _in_review(of: Round, act: Callable[..., Act]) -> list[Act]:
    if _ready(of):
        return [act(_("报请审定"), "propose", post=True)]
    return [act(_("办理评审"), "steps", why=_("评审还没有全部结束。"))] if of.rules.stepwise else []


def _before_review(of: Round, act: Callable[..., Act]) -> list[Act]:
    due = clock.end_of_day(of.closes_on)
    left = of.applications.filter(state=State.CHECKING).count()
    if left:
        found = [act(_("审查申报"), "applications", why=_("还有 %(n)d 件没有审查。") % {"n": left}, by=due)]
    elif of.state == RoundState.CLOSED:
        return [act(_("开始评审"), "review", post=True, why=_("申报都审查完了。"))]
    else:
        found = [Act(_("材料截止"), _("申报都审查完了，到期自动截止。"), by=due)]
    return found


def _in_notice(of: Round, act: Callable[..., Act]) -> list[Act]:
    waiting = unanswered(of)
    if first := waiting.first():
        why = _("有 %(n)d 件异议没有答复。") % {"n": waiting.count()}
        return [act(_("答复异议"), "objections", why=why, by=first.answer_by)]
    if changes := listed_since(of):
        why = _("采纳的异议改动了名单 %(n)d 处。") % {"n": len(changes)}
        return [act(_("发布第二次名单"), "publish_again", why=formats.sentences(why, said_gap(gap_after(of, changes))))]
    return [Act(_("公示"), _("到期没有异议的单位自动命名。"), by=of.notice.ends_at)]


def _finished(of: Round, user: User) -> list[Act]:
    """The last thing to do in a round: its archive, until there is one."""
    if of.archives.exists() or not user.may(Right.RUN_ROUNDS, of.union):
        return []
    return [Act(_("导出归档"), url=reverse("rounds:archive", args=[of.pk]))]


def _outside(of: Round) -> list[Act]:
    match of.state:
        case RoundState.OPEN:
            return [Act(_("材料截止"), "", by=clock.end_of_day(of.closes_on))]
        case RoundState.CLOSED:
            return [Act(_("资格审查"), _("市总正在审查申报。"), by=of.scoring_opens_at)]
        case RoundState.REVIEWING | RoundState.DECIDED if clock.now() <= of.scoring_closes_at:
            return [Act(_("评分"), "", by=of.scoring_closes_at)]
        case RoundState.REVIEWING | RoundState.DECIDED:
            return [Act(_("测算和审定"), _("结果公布时会通知您。"))]
        case RoundState.RELEASED:
            return [Act(_("公示"), _("结果已经公布，即将公示。"))]
        case RoundState.IN_NOTICE:
            return [Act(_("公示"), "", by=of.notice.ends_at)]
    return []


def _ready(of: Round) -> bool:
    try:
        hook(READY, of)(of)
    except (Refusal, KeyError):
        return False
    return True


def lead(of: Round, acts: list[Act]) -> str:
    """The first line: what is next, who does it, by when."""
    if of.state == RoundState.CANCELLED:
        return _("这个批次已经取消。")
    if of.state == RoundState.FINISHED:
        return _("公示已经结束，没有异议的单位已经命名。")
    if not acts:
        return _("正在评审。")
    first = acts[0]
    facts = {"act": first.label, "who": first.who, "due": formats.deadline(first.by)}
    said = _("等您%(act)s") if first.url else _("等%(who)s%(act)s") if first.who else "%(act)s"
    facts["said"] = said % facts
    return formats.sentences(_("%(said)s，%(due)s") % facts if first.by else facts["said"], first.why)


def tabs(of: Round, user: User, here: str) -> list[dict[str, object]]:
    """The parts of a round: its own and its domain's."""
    own = PAGES.get(of.programme.file.confer)
    found: list[tuple[str, str, int | None]] = [(_("概况"), reverse("rounds:page", args=[of.pk]), None)]
    if of.state != RoundState.PLANNED:
        found.append((_("申报"), reverse("rounds:applications", args=[of.pk]), None))
        if of.rules.clearances and user.may(Right.RUN_ROUNDS, of.union):
            found.append((_("征求意见"), reverse("rounds:clearances", args=[of.pk]), None))
        found += [(str(tab.label), tab.url, tab.count) for tab in (own(of, user) if own else [])]
        if of.rules.stepwise and user.may(Right.RUN_ROUNDS, of.union):
            found.append((_("评审"), reverse("rounds:steps", args=[of.pk]), None))
        found.append((_("公示"), reverse("rounds:notice", args=[of.pk]), None))
    found.append((_("记录"), reverse("rounds:records", args=[of.pk]), None))
    if of.state == RoundState.FINISHED and may_archive(of, user):
        found.append((_("归档"), reverse("rounds:archive", args=[of.pk]), None))
    return [{"label": label, "url": url, "current": url == here, "count": count} for label, url, count in found]
