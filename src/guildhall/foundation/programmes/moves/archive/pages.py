"""The archive's pages: they read, and print, without the system."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from guildhall.foundation.records.states import act_label
from guildhall.foundation.screens import formats

if TYPE_CHECKING:
    from guildhall.foundation.programmes.moves.archive.contents import Contents


@dataclass(frozen=True)
class Link:
    """A cell that leads to another file of the archive."""

    text: str
    href: str


@dataclass(frozen=True)
class Part:
    """A part of a page under its heading: facts, a table, sentences."""

    title: str
    facts: Sequence[tuple[str, object]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    notes: Sequence[str] = field(default_factory=tuple)
    links: Sequence[Link] = ()


def index_page(contents: "Contents", missing: list[str]) -> bytes:
    """The first page: the round from its set-up to its payments, and how to check that nothing was changed."""
    facts, of = contents.facts, contents.round
    parts = [
        _round(of), _results(facts["applications"]), *map(_notice, facts["notices"]), _objections(facts["objections"]),
        *map(_payout, facts["payouts"]), _applications(facts["applications"]), _review(facts["review"]),
        _documents(facts["documents"]),
        _chain(facts["chain"], facts["seal"], facts["applications"]), _checking(missing),
    ]  # fmt: skip
    at = formats.moment_table(parse_datetime(contents.at))
    lead = _("%(federation)s，%(at)s 导出") % {"federation": of["federation"], "at": at}
    return _page(of["title"], lead, [part for part in parts if part], "")


def application_page(of: dict[str, Any], row: dict[str, Any]) -> bytes:
    """One application on a page of its own."""
    parts = [
        Part(_("申报"), [
            (_("序号"), row["number"]), (_("统一社会信用代码"), row["code"]), (_("所属工会"), row["union"]),
            (_("旗县区"), row["district"] or formats.DASH), (_("状态"), row["state"]),
            *([(_("理由"), row["reason"])] if row["reason"] else []), *([(_("条款"), row["clause"])] if row["clause"] else []),
        ]),
        Part(_("数据"), [(one["label"], _said(one)) for one in row["facts"]], notes=[row["statement"]] if row["statement"] else ()),
        _evidence(row), _way(row),
        Part(_("封存的内容"), head=(_("环节"), _("时间"), "SM3"),
             rows=[(one["stage"], formats.moment_table(one["at"]), one["digest"]) for one in row["snapshots"]]),
    ]  # fmt: skip
    return _page(row["unit"], of["title"], [part for part in parts if part.facts or part.rows], "../../")


def _page(title: str, lead: str, parts: list[Part], root: str) -> bytes:
    facts = {"title": title, "lead": lead, "parts": parts, "root": root}
    return render_to_string("programmes/archive/page.html", facts).encode()


def _said(one: dict[str, Any]) -> str:
    if one["sealed"]:
        return _("密存，不在归档中")
    return f"{one['told']} {one['unit']}".strip() if one["told"] else _("未报")


def _evidence(row: dict[str, Any]) -> Part:
    rows = [
        (Link(one["title"], one["file"].removeprefix(f"{row['folder']}/")), one["indicator"], one["sm3"])
        for one in row["evidence"]
    ]
    return Part(_("证明材料"), head=(_("材料"), _("指标"), "SM3"), rows=rows)


def _way(row: dict[str, Any]) -> Part:
    """Endorsements and opinions, in order."""
    rows = [
        (formats.moment_table(one["at"]), one["union"], one["act"], one["text"], one["by"])
        for one in row["endorsements"]
    ]
    rows += [
        (formats.day_table(one["dated"]), one["department"], one["opinion"], one["text"], one["signed"])
        for one in row["clearances"]
    ]
    own = {one["file"] for one in row["evidence"]}
    names = [name.removeprefix(f"{row['folder']}/") for name in row["files"] if name not in own]
    head = (_("时间"), _("工会或部门"), _("意见"), _("内容"), _("经办"))
    return Part(_("推荐和部门意见"), head=head, rows=rows, links=[Link(name, name) for name in names])


def _round(of: dict[str, Any]) -> Part:
    facts = [
        (_("项目办法"), _("%(name)s，第 %(n)d 版") % {"name": of["programme"], "n": of["version"]}),
        (_("年度"), of["year"]), (_("主办"), of["union"]), (_("状态"), of["state"]),
        (_("材料"), f"{formats.day_full(of['opens_on'])}–{formats.day_full(of['closes_on'])}"),
        (_("评审"), f"{formats.moment_table(of['scoring_opens_at'])}–{formats.moment_table(of['scoring_closes_at'])}"),
        (_("公布"), formats.moment_table(of["released_at"])), (_("办结"), formats.moment_table(of["finished_at"])),
    ]  # fmt: skip
    rows = [(tier["name"], tier["seats"], formats.yuan(tier["sum_fen"])) for tier in of["tiers"]]
    links = [Link(_("办法原文"), "round/programme.yaml"), Link(_("本批次设置"), "round/setup.yaml")]
    return Part(_("概况"), facts, (_("档次"), _("名额"), _("每家（元）")), rows, links=links)


def _results(rows: list[dict[str, Any]]) -> Part:
    named = [row for row in rows if row["result"]]
    named.sort(key=lambda row: (row["result"].get("group") or 0, row["result"].get("rank") or 0, row["number"]))
    table = [
        (
            (row["result"].get("group") or 0) + 1, row["result"].get("rank") or formats.DASH,
            Link(row["unit"], f"{row['folder']}/index.html"), _tier(row["result"]),
            formats.yuan(row["result"].get("sum_fen")), row["state"],
        )
        for row in named
    ]  # fmt: skip
    return Part(_("结果"), head=(_("组"), _("名次"), _("单位"), _("档次"), _("奖补（元）"), _("状态")), rows=table)


def _tier(result: dict[str, Any]) -> object:
    said = result.get("tier_name")
    if said is None and result.get("tier") is not None:
        said = _("第 %(n)d 档") % {"n": int(result["tier"]) + 1}
    return said or formats.DASH


def _notice(notice: dict[str, Any]) -> Part:
    facts = [
        (_("标题"), notice["title"]), (_("编号"), notice["number"]), (_("核验码"), notice["check_code"]),
        (_("发布"), formats.moment_table(notice["published_at"])), (_("截止"), formats.moment_table(notice["ends_at"])),
        (_("合计"), formats.yuan_prose(notice["body"].get("sum_fen"))), (_("内容摘要"), notice["digest"]),
        (_("封签"), notice["seal"] or formats.DASH),
    ]  # fmt: skip
    title, unit = _("公示（第 %(n)d 次）") % {"n": notice["edition"]}, notice["application__unit__name"]
    return Part(f"{title} {unit}" if unit else title, facts, links=[Link(_("名单原文"), "notices.json")])


def _objections(rows: list[dict[str, Any]]) -> Part:
    table = [
        (
            row["number"], formats.moment_table(row["filed_at"]), row["about"] or _("整份名单"), row["text"], row["state"],
            row["answer"], row["answered_by"], formats.moment_table(row["answered_at"]),
        )
        for row in rows
    ]  # fmt: skip
    head = (_("序号"), _("提出"), _("对象"), _("事实和依据"), _("结论"), _("答复"), _("答复人"), _("答复时间"))
    return Part(
        _("异议和答复"), head=head, rows=table, notes=[_("提出异议的人不在归档中。") if rows else _("没有异议。")]
    )


def _payout(payout: dict[str, Any]) -> Part:
    rows = [
        (
            row["serial"],
            row["unit"],
            formats.yuan(row["sum_fen"]),
            row["state"],
            formats.moment_table(row["settled_at"]),
        )
        for row in payout["rows"]
    ]
    facts = [
        (_("资金"), payout["fund"]), (_("状态"), payout["state"]),
        (_("合计"), formats.yuan_prose(sum(row["sum_fen"] for row in payout["rows"]))),
    ]  # fmt: skip
    title = _("付款清单 %(number)s") % {"number": payout["number"]}
    head = (_("序号"), _("单位"), _("金额（元）"), _("状态"), _("回单时间"))
    return Part(title, facts, head, rows, notes=[_("收款账户不在归档中。")])


def _applications(rows: list[dict[str, Any]]) -> Part:
    table = [
        (
            row["number"],
            Link(row["unit"], f"{row['folder']}/index.html"),
            row["district"] or formats.DASH,
            len(row["evidence"]),
            row["state"],
        )
        for row in rows
    ]
    return Part(_("申报"), head=(_("序号"), _("单位"), _("旗县区"), _("材料"), _("状态")), rows=table)


def _review(files: list[str]) -> Part | None:
    if not files:
        return None
    said = _("评审按去除身份的原始数据保存：谁评了谁不在其中。")
    return Part(_("评审"), links=[Link(name, name) for name in files], notes=[said])


def _documents(rows: list[dict[str, Any]]) -> Part | None:
    if not rows:
        return None
    table = [
        (row["number"], Link(row["title"], row["file"]) if row["file"] else row["title"], row["union"],
         formats.day_table(row["issued_at"]), row["check_code"], row["state"])
        for row in rows
    ]  # fmt: skip
    head = (_("编号"), _("标题"), _("发文单位"), _("发布"), _("核验码"), _("状态"))
    return Part(_("文书"), head=head, rows=table)


def _chain(chain: dict[str, Any], seal: dict[str, Any] | None, applications: list[dict[str, Any]]) -> Part:
    facts = [
        (_("记录链"), chain["stream"]), (_("条数"), chain["length"]), (_("链头"), chain["head"]),
        (_("最近的封签"), seal["printed"] if seal else _("还没有")),
    ]  # fmt: skip
    units = {f"application:{row['id']}": row["unit"] for row in applications}
    rows = [_entry(one, units) for one in chain["entries"]]
    head = (_("序号"), _("时间"), _("经办"), _("事项"), _("对象"), _("哈希"))
    return Part(_("决定记录"), facts, head, rows, links=[Link("chain/decisions.json", "chain/decisions.json")])


def _entry(one: dict[str, Any], units: dict[str, str]) -> tuple[object, ...]:
    if one.get("withheld"):
        act = act_label(one["act"], "round") if "act" in one else _("密存，不在归档中")
        return (one["number"], formats.DASH, formats.DASH, act, formats.DASH, one["hash"][:16])
    at = formats.moment_table(parse_datetime(one["business_at"]))
    act, about = act_label(one["act"], one["subject"]), units.get(one["subject"], one["subject"])
    return (one["number"], at, one["actor_name"], act, about, one["hash"][:16])


def _checking(missing: list[str]) -> Part:
    notes = [
        _("index.json 列出每个文件的大小和 SM3 摘要；index.json 自己的摘要在导出时写进了这个批次的记录链。"),
        _("不用本系统也能核验：见 how-to-verify.txt，或在解开的文件夹里运行 python3 verify.py。"),
    ]
    if missing:
        said = _("导出时下列材料已经缺失或与原来的摘要不符：%(files)s") % {"files": "、".join(missing)}
        notes.append(said)
    return Part(_("怎样核验"), notes=notes)
