"""Where a round's mutual assessment stands, and the table of its moves."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StepState(TextChoices):
    """Where the peers step of a round stands."""

    PLANNED = "planned", _("待分组")
    ASSIGNED = "assigned", _("已分组")
    SCORING = "scoring", _("评分中")
    FROZEN = "frozen", _("已封存")
    COMPUTED = "computed", _("已测算")


class StepMove(TextChoices):
    """What can be done to the step."""

    ASSIGN = "assign", _("分组排号")
    RECALL = "recall", _("撤回分组")
    START = "start", _("开始评分")
    FREEZE = "freeze", _("封存")
    COMPUTE = "compute", _("测算")


STEP_AFTER: dict[tuple[str, str], StepState] = {
    (StepState.PLANNED, StepMove.ASSIGN): StepState.ASSIGNED,
    (StepState.ASSIGNED, StepMove.RECALL): StepState.PLANNED,
    (StepState.ASSIGNED, StepMove.START): StepState.SCORING,
    (StepState.SCORING, StepMove.FREEZE): StepState.FROZEN,
    (StepState.FROZEN, StepMove.COMPUTE): StepState.COMPUTED,
}
"""Which move leads the step where; a drawing can be taken back until scoring starts."""


class SheetKind(TextChoices):
    """Who marks: a unit of the round, or an expert of the panel."""

    PEERS = "peers", _("互评")
    PANEL = "panel", _("专家")


class SheetState(TextChoices):
    """Where a sheet stands. What is not submitted locks at the deadline as it stands."""

    OPEN = "open", _("评分中")
    SUBMITTED = "submitted", _("已提交")
    LOCKED = "locked", _("到期锁定")
    SET_ASIDE = "set_aside", _("不计（各家同分）")


class ConflictKind(TextChoices):
    """Where a conflict comes from."""

    SAME_GROUP = "same_group", _("同一集团")
    SAME_DISTRICT = "same_district", _("同一旗县区")
    DECLARED = "declared", _("单位申报")
    PINNED_APART = "pinned_apart", _("指定回避")
    PINNED_TOGETHER = "pinned_together", _("指定可评")


class ConflictState(TextChoices):
    """Whether a declared conflict counts."""

    PROPOSED = "proposed", _("待审")
    APPROVED = "approved", _("已同意")
    DECLINED = "declined", _("未同意")


class ResultState(TextChoices):
    """How a result stands in the register."""

    COMPUTED = "computed", _("已测算")
    CONFERRED = "conferred", _("已确认")


class MeetingState(TextChoices):
    """Where the assessment meeting of a round stands. Without one, the assessment is done in writing."""

    PLANNED = "planned", _("排期中")
    FIXED = "fixed", _("已定")
    HELD = "held", _("已开完")
    CALLED_OFF = "called_off", _("改为书面")


class MeetingMove(TextChoices):
    """What can be done to the meeting."""

    PLAN = "plan_meeting", _("排考核会")
    FIX = "fix_meeting", _("定下考核会")
    CHANGE = "change_meeting", _("改考核会日程")
    END = "end_meeting", _("开完考核会")
    CALL_OFF = "call_off_meeting", _("改为书面评分")


MEETING_AFTER: dict[tuple[str, str], MeetingState] = {
    (MeetingState.PLANNED, MeetingMove.PLAN): MeetingState.PLANNED,
    (MeetingState.PLANNED, MeetingMove.FIX): MeetingState.FIXED,
    (MeetingState.PLANNED, MeetingMove.CALL_OFF): MeetingState.CALLED_OFF,
    (MeetingState.FIXED, MeetingMove.CHANGE): MeetingState.FIXED,
    (MeetingState.FIXED, MeetingMove.END): MeetingState.HELD,
    (MeetingState.FIXED, MeetingMove.CALL_OFF): MeetingState.CALLED_OFF,
    (MeetingState.CALLED_OFF, MeetingMove.PLAN): MeetingState.PLANNED,
}
"""Which move leads the meeting where. The speaking order is drawn once, whatever happens to its days afterwards."""


class SignInWay(TextChoices):
    """How somebody signed in."""

    QR = "qr", _("扫码")
    DESK = "desk", _("签到台")


class Turn(TextChoices):
    """What is done to the clock of the hall."""

    START = "start", _("开始计时")
    PAUSE = "pause", _("暂停")
    NEXT = "next", _("下一家")
    ABSENT = "absent", _("未到，下一家")
    BACK = "back", _("回到上一家")
