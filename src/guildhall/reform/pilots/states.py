"""What a pilot designation is, and how far it has come."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PilotKind(TextChoices):
    """综合试点 takes on all five tasks, 项目试点 one."""

    COMPREHENSIVE = "comprehensive", _("综合试点")
    PROJECT = "project", _("项目试点")


class Theme(TextChoices):
    """The five directions of the reform, one of which a project pilot takes on."""

    NONE = "", _("–")
    GUIDANCE = "guidance", _("思想引领")
    MERIT = "merit", _("建功立业")
    SKILLS = "skills", _("素质提升")
    STANDING = "standing", _("地位提高")
    RANKS = "ranks", _("队伍壮大")


class PilotLevel(TextChoices):
    """Who designated it."""

    MUNICIPAL = "municipal", _("市级")
    DISTRICT = "district", _("旗县区级")


class PilotState(TextChoices):
    """How far a designation has come; its dates count beside it."""

    ACTIVE = "active", _("试点中")
    WITHDRAWN = "withdrawn", _("已撤销")
    ENDED = "ended", _("已结束")


AFTER: dict[tuple[str, str], PilotState] = {
    (PilotState.ACTIVE, "extend"): PilotState.ACTIVE,
    (PilotState.ACTIVE, "withdraw"): PilotState.WITHDRAWN,
    (PilotState.ACTIVE, "end"): PilotState.ENDED,
}
"""The one table of moves after designation."""
