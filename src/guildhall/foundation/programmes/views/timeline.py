"""A record's time line, drawn from its decisions: each reader sees the acts that it may know."""

from collections import ChainMap
from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.registry import WORDS
from guildhall.foundation.programmes.states import RoundMove
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.states import ACTS as RECORD_ACTS
from guildhall.foundation.records.states import ANYWHERE, CHAINS, SUBJECTS
from guildhall.foundation.screens import formats

ROUND_ACTS: dict[str, Promise] = {
    "plan": lazy("拟定批次"),
    "amend": lazy("修改设置"),
    "open": lazy("批次开始"),
    "close": lazy("材料截止"),
    "review": lazy("开始评审"),
    "extend": lazy("延长评分"),
    "propose": lazy("报请审定"),
    "send_back": lazy("退回承办人"),
    "decide": lazy("审定结果"),
    "release": lazy("公布结果"),
    "publish": lazy("发布公示"),
    "publish_again": lazy("发布第二次名单"),
    "finish": lazy("公示结束，办结"),
    "draw_experts": lazy("抽取专家"),
    "close_step": lazy("结束评审的一步"),
    "confer_released": lazy("命名，不公示"),
    "cancel": lazy("取消批次"),
    "report_many": lazy("导入单位数据"),
    "accept_all": lazy("通过一批申报"),
    "object": lazy("收到异议"),
    "clearance_ask": lazy("征求部门意见"),
    "clearance_answer": lazy("部门答复意见"),
    "clearance_revoke": lazy("停用征求意见的链接"),
    "answer:dismissed": lazy("答复异议：未采纳"),
    "answer:upheld": lazy("答复异议：已采纳"),
}
OPEN_ACTS = frozenset(move.value for move in RoundMove if move not in (RoundMove.DECIDE,)) | {"extend", "publish_again"}
"""What everyone who sees the round may know of it; deciding is not among them."""

APPLICATION_ACTS: dict[str, Promise] = {
    "enter": lazy("列入批次"),
    "report": lazy("填报数据"),
    "evidence": lazy("交来材料"),
    "evidence_drop": lazy("撤回材料"),
    "accept": lazy("通过资格审查"),
    "clearance_set_aside": lazy("不采纳部门意见"),
    "refuse": lazy("不予通过"),
    "withdraw": lazy("退出"),
    "propose": lazy("审定"),
    "release": lazy("进入公示"),
    "hold": lazy("有异议，暂缓"),
    "dismiss": lazy("异议未采纳，继续公示"),
    "uphold": lazy("异议成立，不予通过"),
    "correct_facts": lazy("异议成立，更正数据"),
    "correct": lazy("更正后重新公示"),
    "move_up": lazy("递补，进入公示"),
    "confer": lazy("公示期满，已命名"),
}

MONEY_ACTS: dict[str, Promise] = {
    "budget": lazy("登记预算"),
    "budget-approve": lazy("批准预算"),
    "budget-refuse": lazy("退回预算"),
    "fund-close": lazy("年终结转"),
    "payout-draw": lazy("拟付款清单"),
    "payout-prepare": lazy("制单"),
    "payout-approve": lazy("批准付款"),
    "payout-send-back": lazy("退回财务重制"),
    "payout-send": lazy("发送银行"),
    "payout-drop": lazy("撤销清单"),
    "payout-settle": lazy("付款办结"),
    "return-upload": lazy("上传回单"),
    "return-post": lazy("回单入账"),
    "payee-propose": lazy("登记收款账户"),
    "payee-check": lazy("核对收款账户"),
    "payee-refuse": lazy("退回收款账户"),
    "payee-unmask": lazy("查看完整账号"),
}

SUBJECT_WORDS: dict[str, Promise] = {
    "round": lazy("批次"),
    "application": lazy("申报"),
    "notice": lazy("公示"),
    "objection": lazy("异议"),
    "fund": lazy("专项资金"),
    "budget": lazy("预算"),
    "payout": lazy("付款清单"),
    "payee": lazy("收款账户"),
    "batch": lazy("银行批次"),
    "return": lazy("回单"),
}

CHAIN_WORDS: dict[str, Promise] = {
    "round": lazy("批次"),
    "fund": lazy("专项资金"),
    "programme": lazy("考核方案"),
    "register:payees": lazy("收款账户登记"),
}


class Entry(TypedDict):
    """One point of the line."""

    at: datetime
    who: str
    what: str
    say: str
    kind: str


def name_acts() -> None:
    """Tell the records what these acts are called; called once when Django is ready."""
    # WORDS grows as domains start.
    RECORD_ACTS["round"] = ChainMap(WORDS, dict[str, str | Promise](ROUND_ACTS), dict[str, str | Promise](MONEY_ACTS))
    for subject in ("notice", "objection"):
        RECORD_ACTS[subject] = ROUND_ACTS
    RECORD_ACTS["application"] = APPLICATION_ACTS
    for subject in ("fund", "payout", "payee", "batch", "return", "budget"):
        RECORD_ACTS[subject] = MONEY_ACTS
    ANYWHERE["plan"] = ROUND_ACTS["plan"]  # Its subject is the programme's own code.
    SUBJECTS.update(SUBJECT_WORDS)
    CHAINS.update(CHAIN_WORDS)


def of_round(of: Round, user: User, most: int = 40) -> list[Entry]:
    """The round's line, newest first."""
    words = {**ROUND_ACTS, **WORDS}
    acts = set(words) if of.inside(user) else OPEN_ACTS
    return _entries(of.decisions().filter(act__in=acts)[:most], words, user)


def of_application(application: Application, user: User) -> list[Entry]:
    """An application's line; that it was decided stays out until the release."""
    rows = application.round.decisions(application.subject).filter(act__in=APPLICATION_ACTS)
    if not (application.round.released or application.round.inside(user)):
        rows = rows.exclude(act="propose")
    return _entries(rows[:60], APPLICATION_ACTS, user)


def _entries(rows: Iterable[Decision], words: dict[str, Promise] | dict[str, str | Promise], user: User) -> list[Entry]:
    found: list[Entry] = []
    for row in rows:
        who = _("您") if row.actor_id == user.pk else "" if row.actor_id is None else row.actor_name
        kind = "now" if not found else "auto" if row.actor_id is None else ""
        found.append(
            Entry(at=row.business_at, who=who, what=_what(row, str(words[row.act])), say=_said(row), kind=kind)
        )
    return found


def _said(row: Decision) -> str:
    """The reason given; of an objection the note holds only by which door it came, which the line itself says."""
    return "" if row.act == "object" else row.note


def _what(row: Decision, words: str) -> str:
    body = row.body or {}
    match row.act:
        case "open":
            return _("%(what)s，%(n)d 家单位参加") % {"what": words, "n": len(body.get("units", ()))}
        case "report_many" | "accept_all":
            return _("%(what)s，%(n)d 家") % {"what": words, "n": body.get("changed", body.get("accepted", 0))}
        case "extend":
            until = parse_datetime(body.get("after", ""))
            when = formats.moment(timezone.localtime(until)) if until else ""
            return _("%(what)s到 %(when)s") % {"what": words, "when": when}
        case "publish":
            return f"{words} {body.get('notice', '')}"
        case "publish_again":
            return f"{words} {body.get('number', '')}"
        case "object" if row.actor_id is None:
            return _("收到社会公众异议")
    return words
