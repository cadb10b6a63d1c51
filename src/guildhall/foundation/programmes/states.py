"""The cycle's states, and the one table of moves between them."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.states import Right


class State(TextChoices):
    """Where one application stands, in the officer's words."""

    DRAFT = "draft", _("草稿")
    AWAITING = "awaiting", _("待推荐")
    RETURNED = "returned", _("已退回")
    CHECKING = "checking", _("资格审查")
    REVIEWING = "reviewing", _("评审中")
    PROPOSED = "proposed", _("拟命名")
    NOT_SELECTED = "not_selected", _("未入选")
    IN_NOTICE = "in_notice", _("公示中")
    HELD = "held", _("异议处理中")
    CONFERRED = "conferred", _("已命名")
    REFUSED = "refused", _("不予通过")
    DECLINED = "declined", _("不予推荐")
    WITHDRAWN = "withdrawn", _("已退出")


TOLD: dict[str, Promise] = {
    State.DRAFT: _("草稿"),
    State.AWAITING: _("待推荐"),
    State.RETURNED: _("请补正"),
    State.CHECKING: _("资格审查中"),
    State.REVIEWING: _("评审中"),
    State.PROPOSED: _("评审中"),
    State.NOT_SELECTED: _("未入选"),
    State.IN_NOTICE: _("公示中"),
    State.HELD: _("有异议待答复"),
    State.CONFERRED: _("已命名"),
    State.REFUSED: _("未通过"),
    State.DECLINED: _("未获推荐"),
    State.WITHDRAWN: _("已退出"),
}
"""The same states in the applicant's words: what is decided and not yet released is still 评审中."""

UNDISCLOSED: tuple[str, ...] = (State.PROPOSED, State.NOT_SELECTED)
"""What is decided reads as under review until the release."""

AT_LEVELS: tuple[str, ...] = (State.DRAFT, State.AWAITING, State.RETURNED)
"""Before the federation's check: the applicant and the levels have it."""

WITH_UNIT: tuple[str, ...] = (State.DRAFT, State.RETURNED)
"""When the applicant may change it."""


class Move(TextChoices):
    """What can be done to an application."""

    SUBMIT = "submit", _("提交")
    SUBMIT_PAST = "submit_past", _("提交给市总")
    RECALL = "recall", _("撤回")
    ENDORSE = "endorse", _("推荐")
    ENDORSE_LAST = "endorse_last", _("推荐到市总")
    RETURN = "return", _("退回补正")
    RESUBMIT = "resubmit", _("补正后重交")
    RESUBMIT_LAST = "resubmit_last", _("补正后重交市总")
    DECLINE = "decline", _("不予推荐")
    ACCEPT = "accept", _("通过资格审查")
    REFUSE = "refuse", _("不予通过")
    WITHDRAW = "withdraw", _("退出")
    PROPOSE = "propose", _("拟命名")
    PASS_OVER = "pass_over", _("未入选")
    RELEASE = "release", _("公示")
    MOVE_UP = "move_up", _("递补")
    HOLD = "hold", _("受理异议")
    DISMISS = "dismiss", _("驳回异议")
    UPHOLD = "uphold", _("采纳异议")
    CORRECT = "correct", _("更正后重新公示")
    CONFER = "confer", _("命名")


AFTER: dict[tuple[str, str], State] = {
    (State.DRAFT, Move.SUBMIT): State.AWAITING,
    (State.DRAFT, Move.SUBMIT_PAST): State.CHECKING,
    (State.AWAITING, Move.RECALL): State.DRAFT,
    (State.AWAITING, Move.ENDORSE): State.AWAITING,
    (State.AWAITING, Move.ENDORSE_LAST): State.CHECKING,
    (State.AWAITING, Move.RETURN): State.RETURNED,
    (State.AWAITING, Move.DECLINE): State.DECLINED,
    (State.AWAITING, Move.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Move.RESUBMIT): State.AWAITING,
    (State.RETURNED, Move.RESUBMIT_LAST): State.CHECKING,
    (State.RETURNED, Move.WITHDRAW): State.WITHDRAWN,
    (State.CHECKING, Move.RETURN): State.RETURNED,
    (State.CHECKING, Move.ACCEPT): State.REVIEWING,
    (State.CHECKING, Move.REFUSE): State.REFUSED,
    (State.CHECKING, Move.WITHDRAW): State.WITHDRAWN,
    (State.REVIEWING, Move.WITHDRAW): State.WITHDRAWN,
    (State.REVIEWING, Move.PROPOSE): State.PROPOSED,
    (State.REVIEWING, Move.PASS_OVER): State.NOT_SELECTED,
    (State.PROPOSED, Move.RELEASE): State.IN_NOTICE,
    (State.PROPOSED, Move.CONFER): State.CONFERRED,
    (State.NOT_SELECTED, Move.MOVE_UP): State.IN_NOTICE,
    (State.IN_NOTICE, Move.HOLD): State.HELD,
    (State.HELD, Move.DISMISS): State.IN_NOTICE,
    (State.HELD, Move.UPHOLD): State.REFUSED,
    (State.HELD, Move.CORRECT): State.IN_NOTICE,
    (State.IN_NOTICE, Move.CONFER): State.CONFERRED,
}
"""Which move leads where. No application changes its state by any other road.

A round without levels submits straight to the check (`submit_past`); the last level's endorsement, and what comes back to
the check, lead there too. `propose` straight to `confer` is the way of a round without a public notice.
"""

APPLICATION_NEEDS: dict[str, Right | None] = {
    Move.SUBMIT: Right.SPEAK_FOR_UNIT,
    Move.SUBMIT_PAST: Right.SPEAK_FOR_UNIT,
    Move.RECALL: Right.SPEAK_FOR_UNIT,
    Move.ENDORSE: Right.ENDORSE,
    Move.ENDORSE_LAST: Right.ENDORSE,
    Move.RETURN: Right.ENDORSE,
    Move.RESUBMIT: Right.SPEAK_FOR_UNIT,
    Move.RESUBMIT_LAST: Right.SPEAK_FOR_UNIT,
    Move.DECLINE: Right.ENDORSE,
    Move.ACCEPT: Right.RUN_ROUNDS,
    Move.REFUSE: Right.RUN_ROUNDS,
    Move.WITHDRAW: Right.SPEAK_FOR_UNIT,
    Move.PROPOSE: Right.DECIDE,
    Move.PASS_OVER: Right.DECIDE,
    Move.RELEASE: Right.RUN_ROUNDS,
    Move.MOVE_UP: Right.RUN_ROUNDS,
    Move.HOLD: None,
    Move.DISMISS: Right.RUN_ROUNDS,
    Move.UPHOLD: Right.RUN_ROUNDS,
    Move.CORRECT: Right.RUN_ROUNDS,
    Move.CONFER: None,
}
"""The right an application's move asks for, at its unit, its level's union or its round's; None is the clock's own.

From the check a return asks for the right to run the round, and for a unit that cannot speak any more the round's
officer withdraws it.
"""


class SheetState(TextChoices):
    """Where a reviewer's sheet stands."""

    OPEN = "open", _("待评")
    SUBMITTED = "submitted", _("已提交")
    REPLACED = "replaced", _("已换人")


class Opinion(TextChoices):
    """What a department answers (征求意见)."""

    ASKED = "asked", _("待答复")
    CLEAR = "clear", _("无意见")
    OBJECTS = "objects", _("有意见")


class EntryState(TextChoices):
    """Whether what was conferred stands."""

    ACTIVE = "active", _("有效")
    REVOKED = "revoked", _("已撤销")


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
    (RoundState.RELEASED, RoundMove.FINISH): RoundState.FINISHED,
    (RoundState.CLOSED, RoundMove.FINISH): RoundState.FINISHED,
    (RoundState.PLANNED, RoundMove.CANCEL): RoundState.CANCELLED,
    (RoundState.OPEN, RoundMove.CANCEL): RoundState.CANCELLED,
    (RoundState.CLOSED, RoundMove.CANCEL): RoundState.CANCELLED,
    (RoundState.REVIEWING, RoundMove.CANCEL): RoundState.CANCELLED,
}
"""Which move leads a round where.

A round without a public notice is finished from its release, a rolling one from its closing once nothing of it is open.
"""

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


class ArchiveState(TextChoices):
    """How far the export of a finished round has come."""

    WAITING = "waiting", _("等待导出")
    MAKING = "making", _("正在导出")
    MADE = "made", _("已导出")
    FAILED = "failed", _("没有成功")


class ObjectionState(TextChoices):
    """Where an objection stands."""

    OPEN = "open", _("待答复")
    DISMISSED = "dismissed", _("未采纳")
    UPHELD = "upheld", _("已采纳")


class Effect(TextChoices):
    """What an upheld objection does to its item."""

    REMOVED = "removed", _("不予通过")
    CORRECTED = "corrected", _("更正")


class Change(TextChoices):
    """How a line of the second list differs from the first."""

    REMOVED = "removed", _("移出")
    CORRECTED = "corrected", _("更正")
    MOVED_UP = "moved_up", _("递补")


# Money ----------------------------------------------------------------------------------------------------------------


class BudgetKind(TextChoices):
    """What a budget decision does to its fund."""

    CREDIT = "credit", _("拨入")
    CARRY_OVER = "carry_over", _("结转下年")
    RETURN = "return", _("交回")


class BudgetState(TextChoices):
    """Where a budget decision stands."""

    PUT_IN = "put_in", _("待批准")
    APPROVED = "approved", _("已批准")
    REFUSED = "refused", _("未批准")


class PayeeState(TextChoices):
    """Where a version of a unit's account stands."""

    PROPOSED = "proposed", _("待核对")
    CHECKED = "checked", _("已核对")
    REFUSED = "refused", _("未通过")


class PayoutState(TextChoices):
    """Where a payout list stands."""

    DRAWN = "drawn", _("待制单")
    PREPARED = "prepared", _("待批准")
    APPROVED = "approved", _("待发送银行")
    SENT = "sent", _("待回单")
    SETTLED = "settled", _("已办结")
    DROPPED = "dropped", _("已撤销")


class PayoutMove(TextChoices):
    """What can be done to a payout list."""

    PREPARE = "payout-prepare", _("制单")
    SEND_BACK = "payout-send-back", _("退回重制")
    APPROVE = "payout-approve", _("批准付款")
    SEND = "payout-send", _("发送银行")
    SETTLE = "payout-settle", _("办结")
    DROP = "payout-drop", _("撤销")


PAYOUT_AFTER: dict[tuple[str, str], PayoutState] = {
    (PayoutState.DRAWN, PayoutMove.PREPARE): PayoutState.PREPARED,
    (PayoutState.DRAWN, PayoutMove.DROP): PayoutState.DROPPED,
    (PayoutState.PREPARED, PayoutMove.SEND_BACK): PayoutState.DRAWN,
    (PayoutState.PREPARED, PayoutMove.APPROVE): PayoutState.APPROVED,
    (PayoutState.APPROVED, PayoutMove.SEND): PayoutState.SENT,
    (PayoutState.SENT, PayoutMove.SETTLE): PayoutState.SETTLED,
}
"""Which move leads a payout list where: the officer draws it, finance prepares, the leader approves, finance sends."""

PAYOUT_NEEDS: dict[str, Right] = {
    PayoutMove.PREPARE: Right.HANDLE_MONEY,
    PayoutMove.SEND_BACK: Right.APPROVE_MONEY,
    PayoutMove.APPROVE: Right.APPROVE_MONEY,
    PayoutMove.SEND: Right.HANDLE_MONEY,
    PayoutMove.SETTLE: Right.HANDLE_MONEY,
    PayoutMove.DROP: Right.RUN_ROUNDS,
}
"""The right a list's move asks for."""


class RowState(TextChoices):
    """Where one payment of a list stands."""

    DRAWN = "drawn", _("待制单")
    WAITING = "waiting", _("缓付")
    READY = "ready", _("待批准")
    HELD = "held", _("待发送")
    SENT = "sent", _("待回单")
    PAID = "paid", _("已付款")
    RETURNED = "returned", _("已退回")
    DROPPED = "dropped", _("已撤销")


CLAIMS: tuple[str, ...] = (RowState.DRAWN, RowState.READY, RowState.HELD, RowState.SENT, RowState.PAID)
"""The states in which a payment stands for its application: one at a time, so nothing is paid twice."""

TOLD_UNIT: tuple[str, ...] = (RowState.HELD, RowState.SENT, RowState.PAID, RowState.RETURNED)
"""The states of a payment that its unit sees: from the approval on."""


class Waits(TextChoices):
    """Why a payment waits."""

    NONE = "", _("–")
    NO_ACCOUNT = "no_account", _("还没有登记收款账户")
    UNCHECKED = "unchecked", _("收款账户有变更，还没有两人核对")
    NAME_OFF = "name_off", _("账户名称与单位名称不一致")
    NOT_CORRECTED = "not_corrected", _("上次退回后还没有更正账户")
    NO_FUNDS = "no_funds", _("异议后增加的奖补超出资金，等追加预算")


class LineVerdict(TextChoices):
    """What a line of the bank's return file comes to."""

    PAID = "paid", _("付款成功，可以入账")
    FAILED = "failed", _("银行退回，可以入账")
    UNKNOWN = "unknown", _("没有这个流水号")
    WRONG_SUM = "wrong_sum", _("金额与付款清单不一致")
    TWICE = "twice", _("文件里重复出现")
    SETTLED = "settled", _("这一笔已经入过账")
    UNREADABLE = "unreadable", _("这一行读不懂")


MATCHED: tuple[str, ...] = (LineVerdict.PAID, LineVerdict.FAILED)
"""The verdicts of a line that is posted."""


class ReturnState(TextChoices):
    """Where a return file stands."""

    READ = "read", _("待入账")
    POSTED = "posted", _("已入账")
    EMPTY = "empty", _("没有可入账的")
