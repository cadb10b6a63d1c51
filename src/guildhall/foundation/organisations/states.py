"""The kinds of union and unit, the offices people hold, and what each office allows."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class UnionKind(TextChoices):
    """The level of a union in the tree of three levels."""

    FEDERATION = "federation", _("市总工会")
    DISTRICT = "district", _("旗县区总工会")
    INDUSTRY = "industry", _("产业（直属）工会")
    GRASSROOTS = "grassroots", _("基层工会")


class UnitKind(TextChoices):
    """What kind of body a unit is."""

    ENTERPRISE = "enterprise", _("企业")
    DEPARTMENT = "department", _("机关")
    INSTITUTION = "institution", _("事业单位")
    TOWNSHIP = "township", _("乡镇街道")
    PARK = "park", _("园区")


class Ownership(TextChoices):
    """For enterprises: to whom the unit belongs."""

    MUNICIPAL = "municipal", _("市直")
    CENTRAL = "central", _("中央驻包")
    REGIONAL = "regional", _("自治区驻包")
    PRIVATE = "private", _("非公")
    NONE = "none", _("不适用")


class UnitState(TextChoices):
    """Whether a unit goes on."""

    ACTIVE = "active", _("正常")
    MERGED = "merged", _("已合并")
    CLOSED = "closed", _("已关闭")


class SanctionKind(TextChoices):
    """What a sanction or arrears is about; the rules of a programme ask by these."""

    SAFETY = "safety", _("安全生产")
    WAGES = "wages", _("欠薪")
    ENVIRONMENT = "environment", _("环保")
    INSURANCE = "insurance", _("社会保险")
    DISCIPLINE = "discipline", _("纪律处分")
    DUES = "dues", _("工会经费")


class Role(TextChoices):
    """The offices of the house."""

    FEDERATION_OFFICER = "federation_officer", _("市总干部")
    LEADER = "leader", _("分管领导")
    FINANCE_OFFICER = "finance_officer", _("财务")
    DISTRICT_OFFICER = "district_officer", _("旗县区工会干部")
    INDUSTRY_OFFICER = "industry_officer", _("产业工会干部")
    UNIT_OFFICER = "unit_officer", _("单位工会主席")
    ASSESSOR = "assessor", _("互评人")
    DEPUTY = "deputy", _("替补互评人")
    EXPERT = "expert", _("评审专家")
    AUDITOR = "auditor", _("审计员")


class Right(TextChoices):
    """What an office may allow, each right over the office's union and all below it."""

    READ_UNITS = "read_units", _("看单位")
    MANAGE_UNITS = "manage_units", _("管理单位")
    MANAGE_PEOPLE = "manage_people", _("管理人员与任职")
    NAME_ASSESSORS = "name_assessors", _("指定互评人")
    SPEAK_FOR_UNIT = "speak_for_unit", _("代表本单位")
    ENDORSE = "endorse", _("推荐申报")
    RUN_ROUNDS = "run_rounds", _("办理批次")
    DECIDE = "decide", _("审定结果")
    SCORE = "score", _("互评打分")
    JUDGE = "judge", _("专家打分")
    READ_MONEY = "read_money", _("看资金")
    HANDLE_MONEY = "handle_money", _("制单付款")
    APPROVE_MONEY = "approve_money", _("批准付款")
    AUDIT = "audit", _("核验")


ALLOWS: dict[str, frozenset[Right]] = {
    Role.FEDERATION_OFFICER: frozenset(
        {
            Right.READ_UNITS,
            Right.MANAGE_UNITS,
            Right.MANAGE_PEOPLE,
            Right.ENDORSE,
            Right.RUN_ROUNDS,
            Right.READ_MONEY,
        }
    ),
    Role.LEADER: frozenset({Right.READ_UNITS, Right.DECIDE, Right.READ_MONEY, Right.APPROVE_MONEY}),
    Role.FINANCE_OFFICER: frozenset({Right.READ_UNITS, Right.READ_MONEY, Right.HANDLE_MONEY}),
    Role.DISTRICT_OFFICER: frozenset({Right.READ_UNITS, Right.ENDORSE}),
    Role.INDUSTRY_OFFICER: frozenset({Right.READ_UNITS, Right.ENDORSE}),
    Role.UNIT_OFFICER: frozenset({Right.READ_UNITS, Right.NAME_ASSESSORS, Right.SPEAK_FOR_UNIT, Right.ENDORSE}),
    Role.ASSESSOR: frozenset({Right.SCORE}),
    Role.DEPUTY: frozenset({Right.SCORE}),
    Role.EXPERT: frozenset({Right.JUDGE}),
    Role.AUDITOR: frozenset({Right.READ_UNITS, Right.READ_MONEY, Right.AUDIT}),
}
"""The one table of offices and rights; `docs/access.md` is drawn from it."""


def roles_with(right: Right) -> list[str]:
    """The offices that give `right`."""
    return [role for role, rights in ALLOWS.items() if right in rights]
