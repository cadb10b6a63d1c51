"""The cycle's states, and the one table of moves between them."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.states import Right


class State(TextChoices):
    """Where one application stands, in the officer's words."""

    CHECKING = "checking", _("资格审查")
    REVIEWING = "reviewing", _("评审中")
    PROPOSED = "proposed", _("拟命名")
    IN_NOTICE = "in_notice", _("公示中")
    HELD = "held", _("异议处理中")
    CONFERRED = "conferred", _("已命名")
    REFUSED = "refused", _("不予通过")
    WITHDRAWN = "withdrawn", _("已退出")


TOLD: dict[str, Promise] = {
    State.CHECKING: _("资格审查中"),
    State.REVIEWING: _("评审中"),
    State.PROPOSED: _("评审中"),
    State.IN_NOTICE: _("公示中"),
    State.HELD: _("有异议待答复"),
    State.CONFERRED: _("已命名"),
    State.REFUSED: _("未通过"),
    State.WITHDRAWN: _("已退出"),
}
"""The same states in the applicant's words: what is decided and not yet released is still 评审中."""


class Move(TextChoices):
    """What can be done to an application."""

    ACCEPT = "accept", _("通过资格审查")
    REFUSE = "refuse", _("不予通过")
    WITHDRAW = "withdraw", _("退出")
    PROPOSE = "propose", _("拟命名")
    RELEASE = "release", _("公示")
    HOLD = "hold", _("受理异议")
    DISMISS = "dismiss", _("驳回异议")
    UPHOLD = "uphold", _("采纳异议")
    CONFER = "confer", _("命名")


AFTER: dict[tuple[str, str], State] = {
    (State.CHECKING, Move.ACCEPT): State.REVIEWING,
    (State.CHECKING, Move.REFUSE): State.REFUSED,
    (State.CHECKING, Move.WITHDRAW): State.WITHDRAWN,
    (State.REVIEWING, Move.WITHDRAW): State.WITHDRAWN,
    (State.REVIEWING, Move.PROPOSE): State.PROPOSED,
    (State.PROPOSED, Move.RELEASE): State.IN_NOTICE,
    (State.IN_NOTICE, Move.HOLD): State.HELD,
    (State.HELD, Move.DISMISS): State.IN_NOTICE,
    (State.HELD, Move.UPHOLD): State.REFUSED,
    (State.IN_NOTICE, Move.CONFER): State.CONFERRED,
}
"""Which move leads where. No application changes its state by any other road."""


class RoundState(TextChoices):
    """Where a round stands."""

    PLANNED = "planned", _("筹备")
    OPEN = "open", _("申报中")
    CLOSED = "closed", _("申报截止")
    REVIEWING = "reviewing", _("评审中")
    DECIDED = "decided", _("已审定")
    RELEASED = "released", _("已公布")
    IN_NOTICE = "in_notice", _("公示中")
    FINISHED = "finished", _("已办结")
    CANCELLED = "cancelled", _("已取消")


class RoundMove(TextChoices):
    """What can be done to a round."""

    OPEN = "open", _("开始")
    CLOSE = "close", _("截止申报")
    REVIEW = "review", _("开始评审")
    DECIDE = "decide", _("审定")
    RELEASE = "release", _("公布结果")
    PUBLISH = "publish", _("发布公示")
    FINISH = "finish", _("办结")
    CANCEL = "cancel", _("取消")


ROUND_AFTER: dict[tuple[str, str], RoundState] = {
    (RoundState.PLANNED, RoundMove.OPEN): RoundState.OPEN,
    (RoundState.OPEN, RoundMove.CLOSE): RoundState.CLOSED,
    (RoundState.CLOSED, RoundMove.REVIEW): RoundState.REVIEWING,
    (RoundState.REVIEWING, RoundMove.DECIDE): RoundState.DECIDED,
    (RoundState.DECIDED, RoundMove.RELEASE): RoundState.RELEASED,
    (RoundState.RELEASED, RoundMove.PUBLISH): RoundState.IN_NOTICE,
    (RoundState.IN_NOTICE, RoundMove.FINISH): RoundState.FINISHED,
    (RoundState.PLANNED, RoundMove.CANCEL): RoundState.CANCELLED,
    (RoundState.OPEN, RoundMove.CANCEL): RoundState.CANCELLED,
    (RoundState.CLOSED, RoundMove.CANCEL): RoundState.CANCELLED,
    (RoundState.REVIEWING, RoundMove.CANCEL): RoundState.CANCELLED,
}
"""Which move leads a round where."""

NEEDS: dict[str, Right | None] = {
    RoundMove.OPEN: Right.RUN_ROUNDS,
    RoundMove.CLOSE: Right.RUN_ROUNDS,
    RoundMove.REVIEW: Right.RUN_ROUNDS,
    RoundMove.DECIDE: Right.DECIDE,
    RoundMove.RELEASE: Right.RUN_ROUNDS,
    RoundMove.PUBLISH: Right.RUN_ROUNDS,
    RoundMove.FINISH: None,
    RoundMove.CANCEL: Right.DECIDE,
}
"""The right a round's move asks for; None is the clock's own."""


class ObjectionState(TextChoices):
    """Where an objection stands."""

    OPEN = "open", _("待答复")
    DISMISSED = "dismissed", _("未采纳")
    UPHELD = "upheld", _("已采纳")
