"""Where each address of the house points in the city with affairs, and what is sent there.

Every body is one that would be taken from whoever may send it, so that a refusal is about the sender.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from guildhall.foundation import clock
from guildhall.foundation.documents.rendering import default_word
from guildhall.foundation.organisations.models import Appointment
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import PayoutRow
from guildhall.foundation.records.models import Decision
from guildhall.reform.assessment.models import Result, Review, Sheet
from tests.city import code
from tests.contract.affairs import PDF, Affairs
from tests.contract.first_day import chairs, openings, results
from tests.foundation.organisations.workbook import line, workbook

Args = Callable[[Affairs], tuple[Any, ...]]
Body = Callable[[Affairs], dict[str, Any]]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001e221bc33"
    "0000000049454e44ae426082"
)
NONE = "00000000-0000-4000-8000-000000000000"


def at(stage: str, *more: Any) -> Args:
    """A round's own page."""
    return lambda one: (one.rounds[stage].pk, *more)


def mine(stage: str) -> Args:
    """The first unit's application of a round."""
    return lambda one: (one.application(stage).pk,)


def unit(one: Affairs) -> tuple[Any, ...]:
    return (one.city.unit.pk,)


def person(one: Affairs) -> tuple[Any, ...]:
    return (one.city.assessor.pk,)


def pilot(one: Affairs) -> tuple[Any, ...]:
    return (one.city.pilots[0].pk,)


def paid(stage: str) -> Args:
    return lambda one: (one.payouts[stage].pk,)


def kept(name: str) -> Args:
    return lambda one: (one.things[name].pk,)


def on_sheet(kind: str, *, piece: bool = False) -> Args:
    """A unit on the scorer's or the expert's sheet."""

    def found(one: Affairs) -> tuple[Any, ...]:
        sheet = one.sheets[kind]
        review = Review.objects.get(sheet=sheet, entrant=one.judged.entrant)  # type: ignore[union-attr]
        return (sheet.pk, review.pk, one.things["judged"].pk) if piece else (sheet.pk, review.pk)

    return found


def entry(*, sealed: bool) -> Args:
    return lambda one: (Decision.objects.filter(sealed=sealed, stream__name__startswith="round:").earliest("pk").pk,)


def result(stage: str) -> Args:
    return lambda one: (one.rounds[stage].pk, Result.objects.get(application=one.application(stage)).pk)


ARGS: dict[str, Args] = {
    **dict.fromkeys(
        [f"organisations:{name}" for name in ("unit", "unit_edit", "unit_rename", "unit_merge", "unit_close",
                                              "unit_move", "unit_sanction", "scorer")], unit),
    "organisations:sanction_lift": kept("sanction"),
    **dict.fromkeys([f"organisations:{name}" for name in ("unit_file", "unit_file_errors")], lambda one: (one.file.pk,)),
    **dict.fromkeys(
        [f"organisations:{name}" for name in ("person", "person_edit", "person_appoint", "person_password")], person),
    **dict.fromkeys([f"organisations:{name}" for name in ("log_in_sheet", "log_in_errors")], kept("log_ins")),
    "organisations:log_in_passwords": kept("passwords"),
    **dict.fromkeys([f"assessment:{name}" for name in ("earlier_file", "earlier_errors")], kept("earlier")),
    "organisations:appointment_end": lambda one: (
        Appointment.objects.get(user=one.city.assessor, role=Role.ASSESSOR).pk,),
    "pilots:pilot": unit,
    **dict.fromkeys([f"pilots:{name}" for name in ("extend", "withdraw", "end")], pilot),
    **dict.fromkeys(
        [f"rounds:{name}" for name in ("page", "records", "applications", "notice", "objections", "extend", "cancel")],
        at("scoring")),
    "rounds:page/planned": at("planned"),
    "rounds:page/decided": at("decided"),
    "rounds:notice/notice": at("notice"),
    "rounds:setup": at("planned", "tiers"),
    **dict.fromkeys([f"rounds:{name}" for name in ("check", "open")], at("planned")),
    **dict.fromkeys(
        [f"rounds:{name}" for name in ("close", "accept_all", "facts_import", "facts_template")], at("open")),
    "rounds:facts_marked": at("open", NONE),
    "rounds:facts_commit": at("open"),
    "rounds:clearances": at("open"),
    **dict.fromkeys([f"rounds:{name}" for name in ("clearance_letter", "clearance_revoke")], kept("letter")),
    "rounds:clearance_set_aside": kept("opinion"),
    "clearances:answer": lambda one: (one.things["link"],),
    "rounds:review": at("closed"),
    "rounds:propose": at("computed"),
    **dict.fromkeys([f"rounds:{name}" for name in ("decide", "send_back")], at("proposed")),
    "rounds:decide/computed": at("computed"),
    "rounds:release": at("decided"),
    "rounds:publish": at("released"),
    "rounds:publish_again": at("notice"),
    **dict.fromkeys(
        [f"rounds:{name}" for name in ("application", "accept", "refuse", "withdraw", "facts", "evidence_add")],
        mine("open")),
    "rounds:application/notice": mine("notice"),
    "rounds:evidence_drop": lambda one: (one.application("open").pk, one.evidence.pk),
    "rounds:evidence": lambda one: (one.evidence.pk,),
    "rounds:evidence/judged": kept("judged"),
    **dict.fromkeys(
        [f"rounds:{name}" for name in ("form_check", "form_versions", "print", "scan", "submit", "discard")],
        mine("draft")),
    "rounds:form": lambda one: (one.application("draft").pk, 1),
    "rounds:apply": at("draft"),
    "rounds:recall": mine("sent"),
    "rounds:level_notice": mine("sent"),
    "rounds:level_proof": mine("noticed"),
    "rounds:level_proof_file": kept("level notice"),
    "rounds:resolution": kept("resolution"),
    **dict.fromkeys([f"rounds:{name}" for name in ("endorse", "return", "decline")], mine("district")),
    "rounds:countersign": mine("pending"),
    "rounds:more_time": mine("returned"),
    **dict.fromkeys([f"rounds:{name}" for name in ("rank", "level", "extend_level")], at("ranking", 0)),
    **dict.fromkeys(
        [f"rounds:{name}" for name in ("sheet", "sheet_save", "sheet_submit", "sheet_photograph")], kept("asked")),
    "rounds:steps": at("steps"),
    "rounds:confer": at("steps"),
    **dict.fromkeys([f"rounds:step_{name}" for name in ("assign", "draw", "remind", "close")], at("steps", 0)),
    "rounds:sheet_replace": kept("asked"),
    "rounds:external": lambda one: (one.things["stepped"].pk,),
    "rounds:photograph": lambda one: (one.things["asked"].pk, one.evidence.attachment_id),
    "rounds:archive": at("paid"),
    "rounds:archive_file": kept("archive"),
    "notices:page": lambda one: (one.rounds["notice"].notice.pk,),
    **dict.fromkeys(
        [f"notices:{name}" for name in ("workbook", "paper", "word")], lambda one: (one.rounds["notice"].notice.pk,)),
    "objections:file": lambda one: (one.rounds["notice"].notice.pk,),
    **dict.fromkeys(
        [f"objections:{name}" for name in ("page", "dismiss", "uphold", "correct", "attachment")],
        lambda one: (one.objection.pk,)),
    **dict.fromkeys(
        [f"assessment:{name}" for name in ("sheet", "check", "submit")], lambda one: (one.sheets["peers"].pk,)),
    **dict.fromkeys(
        [f"assessment:{name}/panel" for name in ("sheet", "check", "submit")], lambda one: (one.sheets["panel"].pk,)),
    **dict.fromkeys([f"assessment:{name}" for name in ("score", "keep", "save", "materials")], on_sheet("peers")),
    **dict.fromkeys(
        [f"assessment:{name}/panel" for name in ("score", "keep", "save", "materials")], on_sheet("panel")),
    "assessment:evidence": on_sheet("peers", piece=True),
    "assessment:evidence/panel": on_sheet("panel", piece=True),
    "assessment:declarations": at("open"),
    **dict.fromkeys([f"assessment:{name}" for name in ("conflicts", "conflict_list", "derived")], at("open")),
    **dict.fromkeys([f"assessment:{name}" for name in ("drawing", "recall", "start", "groups")], at("drawn")),
    "assessment:pin": at("open"),
    "assessment:draw": at("undrawn"),
    "assessment:answer": lambda one: (one.things["declared"].pk,),
    "assessment:unpin": lambda one: (one.things["pinned"].pk,),
    **dict.fromkeys(
        [f"assessment:{name}" for name in ("progress", "remind", "absent", "public")], at("scoring")),
    "assessment:substitute": lambda one: (one.rounds["scoring"].pk, one.sheets["peers"].entrant_id),
    **dict.fromkeys([f"assessment:{name}" for name in ("freezing", "lock")], at("scored")),
    "assessment:compute": at("frozen"),
    **dict.fromkeys([f"assessment:{name}" for name in ("analysis", "results", "sealed")], at("proposed")),
    **dict.fromkeys([f"assessment:{name}/computed" for name in ("analysis", "results")], at("computed")),
    **dict.fromkeys([f"assessment:{name}/notice" for name in ("analysis", "results")], at("notice")),
    "assessment:result": result("notice"),
    "assessment:result/proposed": result("proposed"),
    **dict.fromkeys([f"assessment:{name}" for name in ("file", "outcome")], at("notice")),
    **dict.fromkeys([f"assessment:{name}/proposed" for name in ("public", "file", "outcome")], at("proposed")),
    **dict.fromkeys([f"documents:{name}" for name in ("page", "paper", "word", "revoke")], kept("document")),
    **dict.fromkeys(
        [f"documents:{name}" for name in ("template", "template_replace", "template_restore")], lambda one: ("summary",)),
    "documents:template_version": kept("template"),
    "documents:series_change": lambda one: ("证书",),
    **dict.fromkeys([f"assessment:{name}" for name in ("meeting", "meeting_print", "meeting_order", "meeting_plan",
                                                       "meeting_call_off", "attendance")], at("drawn")),
    **dict.fromkeys([f"assessment:{name}" for name in ("meeting_layout", "meeting_fix", "meeting/undrawn")], at("undrawn")),
    **dict.fromkeys([f"assessment:{name}" for name in ("hall", "hall_now", "turn", "session_open", "session_close",
                                                       "session_code", "session_here", "session_desk",
                                                       "session_sheet")], kept("session")),
    "records:entry": entry(sealed=False),
    "records:entry/sealed": entry(sealed=True),
    "records:look": entry(sealed=True),
    "money:draw": at("paid"),
    **dict.fromkeys([f"money:{name}" for name in ("payout", "approve", "send_back")], paid("prepared")),
    **dict.fromkeys([f"money:{name}" for name in ("prepare", "drop")], paid("drawn")),
    "money:send": paid("approved"),
    **dict.fromkeys([f"money:{name}" for name in ("upload", "file")], lambda one: (one.payouts["sent"].batch.pk,)),
    **dict.fromkeys([f"money:{name}" for name in ("return", "post")], kept("return")),
    **dict.fromkeys([f"money:{name}" for name in ("decision", "approve_budget", "refuse_budget")],
                    kept("decision False")),
    **dict.fromkeys([f"money:{name}" for name in ("close_year", "close_fund")], kept("fund")),
    "money:openings_errors": lambda one: (NONE,),
    "money:propose_payee": lambda one: (one.city.unit.pk,),
    "money:payee": kept("0"),
    "money:unmask_payee": kept("0"),
    **dict.fromkeys([f"money:{name}" for name in ("check_payee", "refuse_payee")], kept("proposed")),
    "money:account": kept("account"),
    "money:trace": lambda one: (PayoutRow.objects.get(payout=one.payouts["sent"], unit=one.city.unit).hold,),
}  # fmt: skip
"""The arguments of an address; after a slash stands which of several things it points at."""


ASKED = {"assessment:sheets": "?all=1"}
"""A query string where a page would else lead on at once."""


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def soon(**after: int) -> str:
    return timezone.localtime(clock.now() + timedelta(**after)).strftime("%Y-%m-%dT%H:%M")


def day(after: int) -> str:
    return (clock.today() + timedelta(days=after)).isoformat()


def _unit(one: Affairs) -> dict[str, Any]:
    return {
        "name": "新来的单位", "code": code(77), "above": one.city.kundulun.pk, "kind": "enterprise",
        "ownership": "private", "trade": "制造", "headcount": 80, "workers": 30, "district": one.city.kundulun.pk,
    }  # fmt: skip


def _plan(one: Affairs) -> dict[str, Any]:
    return {
        "programme": one.rounds["planned"].programme_id, "year": 2044, "title": "又一个批次", "opens_on": day(1),
        "closes_on": day(9), "scoring_opens_at": soon(days=12), "scoring_closes_at": soon(days=20),
        "notice_on": day(25),
    }  # fmt: skip


def _facts(one: Affairs) -> dict[str, Any]:
    return {key: str(value) for key, value in one.application("open").facts.items()}


def _account(one: Affairs) -> dict[str, Any]:
    unit = one.city.unit
    return {
        "name": unit.name,
        "bank": "中国银行",
        "branch": "包头分行",
        "account": "6217000011119999",
        "reason": "换户",
    }


def _mate(one: Affairs) -> int:
    own = one.sheets["peers"].entrant
    mates = Sheet.objects.filter(step=own.step, entrant__group=own.group).exclude(pk=one.sheets["peers"].pk)
    return mates.earliest("pk").entrant_id


REASON: Body = lambda one: {"reason": "按规定办理，记录在案。"}  # noqa: E731  A table of small functions.
FILLED: dict[str, Body] = {
    "account_login": lambda one: {"login": "officer", "password": "tram-lamp-42"},
    "account_change_password": lambda one: {
        "oldpassword": "tram-lamp-42", "password1": "other-tram-lamp-43", "password2": "other-tram-lamp-43"},
    "web:language": lambda one: {"language": "en"},
    "web:large_text": lambda one: {"large": "1"},
    "web:clock": lambda one: {"to": soon(days=1)},
    "organisations:unit_new": _unit,
    "organisations:unit_edit": lambda one: _unit(one) | {"name": one.city.unit.name, "code": one.city.unit.code},
    "organisations:unit_rename": lambda one: {"name": "改过的名", "code": one.city.unit.code, "reason": "工商变更"},
    "organisations:unit_sanction": lambda one: {
        "kind": "wages", "text": "欠薪", "document": "包人社〔2024〕9号", "since": day(0),
    },
    **dict.fromkeys(
        [f"rounds:{name}" for name in ("clearance_revoke", "clearance_set_aside")],
        lambda one: {"reason": "发错了部门，改发"}),
    "organisations:sanction_lift": lambda one: {"reason": "已付清"},
    "organisations:unit_merge": lambda one: {"into": one.city.next_unit.code, "reason": "合并重组"},
    "organisations:unit_close": REASON,
    "organisations:unit_move": lambda one: {"to": one.city.jiuyuan.pk},
    "organisations:unit_import": lambda one: {"file": file("单位.xlsx", workbook(line(95)))},
    "organisations:unit_file": lambda one: {"expected": 1},
    "organisations:log_in_import": lambda one: {"file": file("主席.xlsx", chairs())},
    "assessment:earlier_import": lambda one: {
        "document": "包工发〔2020〕5号", "file": file("2020年.xlsx", results(one.city))},
    "assessment:earlier_file": lambda one: {"expected": 1},
    "organisations:log_in_sheet": lambda one: {"expected": 1},
    "organisations:log_in_reset": lambda one: {"user": one.city.unit_officers[9].pk},
    "organisations:scorer": lambda one: {"role": "assessor", "name": "新互评人", "phone": "13911112222"},
    "organisations:union_new": lambda one: {"name": "青山区总工会", "short": "青山区", "kind": "district"},
    "organisations:person_new": lambda one: {"name": "新人", "phone": "0472-5550000", "username": "newcomer"},
    "organisations:person_edit": lambda one: {"name": "互评人甲", "phone": "0472-5550001"},
    "organisations:person_appoint": lambda one: {
        "role": "district_officer", "union": one.city.jiuyuan.pk, "starts": day(0)},
    "organisations:appointment_end": lambda one: {"on": day(30)},
    "organisations:working_days": lambda one: {"day": day(3), "works": "False", "source": "文件"},
    "pilots:new": lambda one: {"unit": one.city.next_unit.code, "level": "district", "kind": "comprehensive",
                               "theme": "", "batch": 1, "starts": day(0), "ends": day(900)},
    "pilots:extend": lambda one: {"ends": "2101-01-01", "note": "延期文件"},
    "pilots:withdraw": lambda one: {"note": "撤销文件"},
    "pilots:end": lambda one: {"note": "结束文件"},
    "rounds:plan": _plan,
    "rounds:extend": lambda one: {"until": soon(days=60), "reason": "系统升级，统一顺延。"},
    **dict.fromkeys([f"rounds:{name}" for name in ("send_back", "cancel", "withdraw")], REASON),
    "rounds:apply": lambda one: {"unit": one.city.unit.pk},
    "rounds:form": lambda one: {"project": "改造", "base": "1", "go": "later"},
    "rounds:scan": lambda one: {"file": file("盖章件.pdf", PDF)},
    "rounds:level_notice": lambda one: {"starts_on": day(0), "place": "厂务公开栏"},
    "rounds:level_proof": lambda one: {"file": file("公示照片.pdf", PDF)},
    "rounds:endorse": lambda one: {"text": "同意推荐。"},
    "rounds:decline": lambda one: {"text": "今年不推荐这一家。"},
    "rounds:return": lambda one: {"text": "名称写具体些", "places": ["project"], "due_on": day(2)},
    "rounds:more_time": lambda one: {"due_on": day(5), "reason": "单位正在搬迁"},
    "rounds:rank": lambda one: {
        f"place-{one.application('ranking').pk}": 1, f"text-{one.application('ranking').pk}": "同意推荐。"},
    "rounds:level": lambda one: {f"places-{one.city.kundulun.pk}": 4},
    "rounds:extend_level": lambda one: {"until": soon(days=60), "reason": "国庆放假顺延"},
    "rounds:refuse": lambda one: {"reason": "材料不全，逾期未补。", "clause": "第五条"},
    "rounds:facts": _facts,
    "rounds:facts_import": lambda one: {"file": file("数据.xlsx", workbook(line(95)))},
    "rounds:evidence_add": lambda one: {
        "indicator": next(iter(one.rounds["open"].rules.leaves())).key, "title": "又一份", "file": file("又.pdf", PDF)},
    **dict.fromkeys([f"rounds:{name}" for name in ("sheet_save", "sheet_submit")], lambda one: {"mark-use": "88"}),
    "rounds:step_assign": lambda one: {"application": one.things["stepped"].pk, "reviewer": one.people["expert'"].pk},
    "rounds:sheet_replace": lambda one: {"user": one.people["expert'"].pk, "reason": "本人请假回避"},
    "rounds:external": lambda one: {"passed": "1", "number": "包人社发〔2024〕1号", "dated": day(0)},
    "rounds:sheet_photograph": lambda one: {"photograph": file("现场.png", PNG)},
    "objections:file": lambda one: {
        "item": "", "name": "来信人", "contact": "13900002222", "text": "对整份名单有疑问，请说明依据和过程。"},
    "objections:receipt": lambda one: {"receipt": one.objection.receipt},
    "objections:dismiss": lambda one: {"answer": "经核查，材料属实，异议不成立。"},
    "objections:correct": lambda one: {
        "step": "act", "answer": "经核查，数据有出入，予以更正。", "clause": "第十条",
        **{f"fact-{name}": value for name, value in one.application("notice").facts.items()}, "fact-adopted": "9"},
    "objections:uphold": lambda one: {"answer": "经核查，情况属实，异议成立。", "clause": "第十条"},
    **dict.fromkeys(
        [f"assessment:{name}{kind}" for name in ("keep", "save") for kind in ("", "/panel")],
        lambda one: {"item": "leadership", "value": "80", "reason": ""}),
    "assessment:declarations": lambda one: {"other": one.city.units[6].pk, "reason": "两家同属一个集团，存在关联。"},
    "assessment:answer": lambda one: {"approve": "1"},
    "assessment:pin": lambda one: {
        "first": one.city.units[0].pk, "second": one.city.units[7].pk, "apart": "1", "reason": "有投诉正在调查。"},
    "assessment:substitute": lambda one: {
        "absent": one.sheets["peers"].entrant_id, "stand_in": _mate(one), "reason": "互评人病假，改由同组单位代评。"},
    **dict.fromkeys(
        [f"assessment:{name}" for name in ("remind", "absent")], lambda one: {"pk": one.sheets["peers"].pk}),
    "assessment:freezing": lambda one: {"reason": "评分都已收齐。"},
    "assessment:sealed": lambda one: {"reason": "核对互评名单"},
    "assessment:meeting_layout": lambda one: {
        "place": "三楼", "minutes": 8, "first_day": day(4), "morning_from": "09:00", "morning_until": "12:00"},
    "assessment:meeting_plan": lambda one: {"place": "三楼", "minutes": 8, "s1-day": ""},
    "assessment:meeting_call_off": REASON,
    "assessment:turn": lambda one: {"act": "start", "turns": 0},
    "assessment:session_desk": lambda one: {
        "who": f"unit-{one.rounds['drawn'].applications.get(unit=one.city.units[1]).pk}", "reason": "没有带手机来。"},
    "documents:revoke": REASON,
    "documents:series_change": lambda one: {"pattern": "{year}证{number}", "last": "5"},
    "documents:template_replace": lambda one: {"file": file("汇总表.docx", default_word("summary"))},
    "records:look": lambda one: {"reason": "抽查互评记录"},
    "records:compare": lambda one: {"seal": "1:" + "0" * 64},
    **dict.fromkeys([f"money:{name}" for name in ("send_back", "drop", "refuse_budget", "refuse_payee",
                                                  "unmask_payee")], REASON),
    "money:approve": lambda one: {"digest": one.payouts["prepared"].digest},
    "money:upload": lambda one: {"file": file("回单.csv", "流水号,状态,银行流水号,原因,金额\nX,成功,R,,1.00\n".encode())},
    "money:put_in": lambda one: {"name": "新资金", "year": clock.today().year, "source": "市财政局",
                                 "document": "包财〔2024〕99号", "sum_fen": "100.00"},
    "money:openings": lambda one: {"file": file("期初.xlsx", openings())},
    "money:close_year": lambda one: {"kind": "return", "source": "市财政局", "document": "包工发〔2024〕9号"},
    "money:propose_payee": _account,
}  # fmt: skip
"""What is posted beside the key."""


def url(one: Affairs, name: str) -> str:
    """The address of a row."""
    return reverse(name.partition("/")[0], args=ARGS[name](one) if name in ARGS else ()) + ASKED.get(name, "")


def body(one: Affairs, name: str) -> dict[str, Any]:
    """What a POST to a row sends."""
    filled = FILLED.get(name, lambda one: {})(one)
    return {"key": str(uuid4()), **filled}
