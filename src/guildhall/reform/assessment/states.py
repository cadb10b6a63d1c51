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
