"""The log-ins the demonstration prints: one or two a role, with what waits there."""

from guildhall.cli.city.tree import PASSWORD

WAITS = (
    ("市总干部", "officer", "2024 年互评正在评分：催评、代评、延期；把业务时间往后拨，再封存、测算、报审、公示"),
    ("分管领导", "leader", "批准 2024 年奖补预算；审定结果；批准付款"),
    ("代管领导（替补）", "leader2", "与分管领导同权，两人同时批准也只付一次"),
    ("财务（制单）", "finance", "核对 2 个收款账户；制单付款"),
    ("财务（复核、发送）", "finance2", "复核收款账户；发送银行批次，核对回单"),
    ("旗县区工会干部", "district", "看本区单位和公布的结果"),
    ("产业工会干部", "industry", "看本产业单位"),
    ("单位工会主席", "unit", "看 2023 年结果和收到的资金；指定替补互评人"),
    ("互评人", "assessor", "8 家单位，已评 2 家，12月2日 17:30 截止"),
    ("评审专家", "expert", "45 家单位，已评 2 家"),
    ("审计员", "auditor", "核验记录链；看台账；启封分组种子（每次留痕）"),
)


def rows() -> list[dict[str, str]]:
    """One line a log-in."""
    return [{"role": role, "user": user, "password": PASSWORD, "waits": waits} for role, user, waits in WAITS]
