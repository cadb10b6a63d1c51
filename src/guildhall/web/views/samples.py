"""Invented content for the gallery: each component in each state it can be in."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.screens.charts import Bar, Line
from guildhall.foundation.screens.panels import rail
from guildhall.foundation.screens.todo import Todo, grouped
from guildhall.web.forms import SampleForm

LONG = "内蒙古朔方风电叶片智能制造（集团）股份有限公司九原分公司第二生产基地"


def everything() -> dict[str, Any]:
    """The gallery's context."""
    now = clock.now()
    soon, later = now + timedelta(hours=3), now + timedelta(days=2)
    told = {"name": "", "patent": "202310", "sum": "38万6", "level": "city", "key": str(uuid4())}
    wrong = SampleForm({f"wrong-{name}": value for name, value in told.items()}, prefix="wrong")
    wrong.is_valid()
    return {
        "now": now,
        "due": later,
        "stages": rail([_("申报"), _("审查"), _("互评"), _("测算"), _("公示"), _("兑现")], 2, ["", "", "12-02", "", "", ""]),
        "steps": rail([_("单位"), _("指标"), _("材料"), _("核对"), _("提交")], 2),
        "groups": grouped(_todos(soon, later), now),
        "sample": SampleForm(initial={"name": "韩师傅焊接创新工作室", "sum": 2_000_000}),
        "wrong": wrong,
        "rows": _rows(),
        "trail": [(_("互评考核"), "#crumbs"), (_("2024年度"), "#crumbs"), (_("本单位结果"), "")],
        "facts": [(_("申报单位"), LONG), (_("隶属"), _("非公")), (_("总预算"), "132,000 元"), (_("负责人"), "岑立川", _("来自花名册"))],
        "track": _track(now),
        **_result(),
    }  # fmt: skip


def _todos(soon: Any, later: Any) -> list[Todo]:
    why = _("青岩机械铆焊创新工作室对“未予命名”提出异议，附材料 2 份。到时未答复，系统报分管领导。")
    return [
        Todo(_("答复 1 件异议：2024年度创新工作室命名"), why, soon, "#todo", _("去答复")),
        Todo(_("审查 2 件申报的资格"), _("自动审查 14 件，12 件通过；这 2 件的工龄证明与花名册不一致，需要您看。"), later, "#todo", _("去审查")),
        Todo(_("补全联席会议 1 项任务的进展"), LONG, None, "#todo", _("去确认"), 3),
    ]  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    return [
        {"name": "石门数控刀具有限公司", "district": "青山区", "score": "76.2", "sum": 500_000},
        {"name": LONG, "district": "九原区", "score": "81.4", "sum": 1_000_000},
        {"name": "赛汗特种陶瓷有限公司", "district": "石拐区", "score": None, "sum": None},
    ]


def _track(now: Any) -> list[dict[str, Any]]:
    return [
        {"at": now, "who": "乔望舒", "what": _("第 2 次提交，改了 4 处"), "kind": "now", "say": ""},
        {"at": now, "who": "", "what": _("系统审查 8 条，7 条通过"), "kind": "auto", "say": ""},
        {"at": now - timedelta(days=6), "who": "韩述白", "what": _("退回，3 处"), "say": _("设备要有两家报价；指标要写成能数的。")},
    ]  # fmt: skip


def _result() -> dict[str, Any]:
    spread = [Bar("60–69", 12), Bar("70–79", 61), Bar("80–89", 118, you=True), Bar("90–100", 34)]
    return {
        "answers": [
            {"label": _("奖补"), "value": "10,000", "unit": _("元"), "note": _("三档，本组第 12—21 名")},
            {"label": _("综合得分"), "value": "85.6", "unit": _("分"), "note": _("本组 75 家的中位数是 79.8 分")},
            {"label": _("名次"), "value": "16", "unit": "/ 75", "note": _("评价有误差，第 11—22 名之间都有可能")},
        ],
        "terms": [("", "84.9", _("8 家评分平均")), ("+", "1.1", _("校准宽严")), ("−", "0.2", _("向均值收缩"))],
        "sum": ("85.8", _("互评分")),
        "tiers": [
            {"label": _("一档"), "line": "90.8", "amount": 2_000_000},
            {"label": _("二档"), "line": "87.5", "amount": 1_500_000},
            {"label": _("三档"), "line": "84.2", "amount": 1_000_000, "me": True},
        ],
        "spread": spread,
        "spread_rows": [(bar.label, bar.text) for bar in spread],
        "bars": [Bar("青山区", 41), Bar("昆都仑区", 38), Bar("九原区", 27, you=True), Bar("达尔罕茂明安联合旗", 9)],
        "parts": [
            Bar(_("已付"), 61, "61.5 万元"),
            Bar(_("公示中"), 25, "25 万元"),
            Bar(_("留在基金"), 14, "13.5 万元"),
        ],
        "lines": [
            Line(_("试点"), [("2021", 74), ("2022", 78), ("2023", 81), ("2024", 84)]),
            Line(_("全市"), [("2021", 70), ("2022", 71), ("2023", 73), ("2024", 76)]),
        ],
        "tabs": [
            {"label": _("材料"), "url": "#tabs", "current": True, "count": 6},
            {"label": _("评审"), "url": "#tabs", "current": False, "count": None},
            {"label": _("记录"), "url": "#tabs", "current": False, "count": 9},
        ],
    }
