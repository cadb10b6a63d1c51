"""Registers this domain with the foundation: what the cycle calls back, and what people are told."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

CONFER = "assessment.result"
CODE = "pilot-assessment"
WORDS = {
    "assign": _("分组排号"), "recall": _("撤回分组"), "start": _("开始评分"), "freeze": _("封存评分"), "compute": _("测算结果"),
    "substitute": _("请人代评"), "remind": _("提醒互评人"), "pin": _("指定回避或可评"), "unpin": _("撤销指定"),
    "answer_conflict": _("答复回避申报"), "unseal": _("审计员查看种子"),
}  # fmt: skip
"""The step's acts in a round's time line; what a sheet says is not among them."""
MEETING_WORDS = {
    "plan_meeting": _("排考核会"), "fix_meeting": _("定下考核会"), "change_meeting": _("改考核会日程"),
    "end_meeting": _("开完考核会"), "call_off_meeting": _("改为书面评分"),
}  # fmt: skip
SESSION_WORDS = {"open_session": _("开放一场"), "close_session": _("结束一场"), "sign_in": _("签到台签到")}
SHEET_WORDS = {"submit": _("提交评分表"), "lock": _("到期锁定评分表"), "reopen": _("延期后重开评分表")}
OTHER_WORDS = {
    "declare": _("申报回避"), "answer_conflict": _("答复回避申报"), "assignment": _("分组名单"), "handed_over": _("代评交接"),
}  # fmt: skip

EARLIER_WORDS = {"earlier.check": _("核对往年结果"), "earlier.import": _("导入往年结果")}


class AssessmentConfig(AppConfig):
    name = "guildhall.reform.assessment"
    label = "assessment"

    def ready(self) -> None:
        """The cycle's hooks and the domain's messages."""
        from guildhall.foundation.organisations.rules.parts import unit_parts
        from guildhall.foundation.organisations.states import Role
        from guildhall.foundation.programmes import registry
        from guildhall.foundation.records import states as records
        from guildhall.foundation.screens import navigation, panels, todo
        from guildhall.reform.assessment.moves import archiving, correcting, freezing, scoring
        from guildhall.reform.assessment.views import calling, earlier, waiting

        registry.PROGRAMMES.append(Path(__file__).parent / "programmes" / "pilot-assessment.yaml")
        registry.OPENED[CONFER] = freezing.opened
        registry.FIXED[CONFER] = freezing.fixed
        registry.READY[CONFER] = freezing.ready
        registry.DECIDED[CONFER] = freezing.decided
        registry.CONFER[CONFER] = freezing.confer
        registry.RESULT[CONFER] = freezing.told
        registry.ARCHIVE[CONFER] = archiving.papers
        registry.CORRECTED[CONFER] = correcting.corrected
        registry.MAY_READ.append(scoring.judges)
        registry.STAGE[CONFER] = waiting.stage
        registry.PAGES[CONFER] = waiting.pages
        registry.ACTS[CONFER] = waiting.next_acts
        registry.WORDS.update(WORDS | MEETING_WORDS)
        records.ACTS["session"] = SESSION_WORDS
        records.SUBJECTS["session"] = _("考核会场次")
        records.ACTS["sheet"] = SHEET_WORDS
        records.ANYWHERE.update(OTHER_WORDS)
        records.SUBJECTS.update({"sheet": _("评分表"), "conflict": _("回避申报"), CODE: _("试点单位互评")})
        records.CHAINS[f"programme:{CODE}"] = _("试点单位互评")
        navigation.hold("/assessment/rounds/", "rounds:index")
        unit_parts.register(earlier.part)
        records.ANYWHERE.update(EARLIER_WORDS)
        records.SUBJECTS.update({"earlier-results": _("往年结果"), "earlier-file": _("往年结果文件")})
        records.CHAINS["register:results"] = _("往年结果")
        readers = [Role.FEDERATION_OFFICER, Role.LEADER, Role.AUDITOR, Role.DISTRICT_OFFICER, Role.INDUSTRY_OFFICER]
        navigation.register(
            navigation.Entry(label=_("往年结果"), url_name="assessment:earlier", icon="history", section=_("产改"),
                             roles=readers, order=27)
        )  # fmt: skip
        for provider in (waiting.marking, waiting.answering, waiting.speaking, calling.holding, calling.attending):
            todo.register(provider)
        panels.register(waiting.panels)
        navigation.register(
            navigation.Entry(
                label=_("互评评分"),
                url_name="assessment:sheets",
                icon="clipboard-check",
                order=10,
                tab=True,
                roles=[Role.ASSESSOR, Role.DEPUTY, Role.EXPERT],
            )
        )
        self.word_messages()

    @staticmethod
    def word_messages() -> None:
        """What people are told."""
        from guildhall.foundation.messages.rules import Template, register

        register(
            assessment__scoring=Template(_("%(round)s开始评分，请在%(until)s前提交整份评分表。")),
            assessment__reminder=Template(_("%(round)s的评分%(until)s截止，您的评分表还没有提交。")),
            assessment__substitute=Template(_("请您在%(round)s中代评 %(n)s 家单位，它们已加进您的评分表。")),
            assessment__conflict_approved=Template(_("您申报的与%(other)s的回避已经同意。"), sms=False),
            assessment__conflict_declined=Template(_("您申报的与%(other)s的回避没有同意。"), sms=False),
            assessment__meeting=Template(
                _("%(round)s考核会在%(place)s开，贵单位在第 %(n)d 场发言，%(when)s 开始。各场都请到会，顺序见日程。")
            ),
            assessment__meeting_experts=Template(_("%(round)s考核会 %(when)s 在%(place)s开始，共 %(n)d 场，请到会。")),
            assessment__meeting_changed=Template(_("%(round)s考核会的日程改了好几场，请看新的日程。")),
            assessment__session_changed=Template(_("%(round)s考核会第 %(n)d 场改到 %(when)s，在%(place)s。")),
            assessment__session_soon=Template(_("%(round)s考核会第 %(n)d 场 %(when)s 在%(place)s开，请提前签到。")),
            assessment__meeting_called_off=Template(_("%(round)s不开考核会了，改为书面评分：%(reason)s")),
        )
