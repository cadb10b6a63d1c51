"""Registers this domain with the foundation: what the cycle calls back, and what people are told."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

CONFER = "assessment.result"


class AssessmentConfig(AppConfig):
    name = "guildhall.reform.assessment"
    label = "assessment"

    def ready(self) -> None:
        """The cycle's hooks and the domain's messages."""
        from guildhall.foundation.messages.rules import Template, register
        from guildhall.foundation.programmes import registry
        from guildhall.reform.assessment.moves import freezing, scoring

        registry.PROGRAMMES.append(Path(__file__).parent / "programmes" / "pilot-assessment.yaml")
        registry.OPENED[CONFER] = freezing.opened
        registry.FIXED[CONFER] = freezing.fixed
        registry.READY[CONFER] = freezing.ready
        registry.DECIDED[CONFER] = freezing.decided
        registry.CONFER[CONFER] = freezing.confer
        registry.RESULT[CONFER] = freezing.told
        registry.MAY_READ.append(scoring.judges)
        register(
            assessment__scoring=Template(_("%(round)s开始评分，请在%(until)s前提交整份评分表。")),
            assessment__reminder=Template(_("%(round)s的评分%(until)s截止，您的评分表还没有提交。")),
            assessment__substitute=Template(_("请您在%(round)s中代评 %(n)s 家单位，它们已加进您的评分表。")),
            assessment__conflict_approved=Template(_("您申报的与%(other)s的回避已经同意。"), sms=False),
            assessment__conflict_declined=Template(_("您申报的与%(other)s的回避没有同意。"), sms=False),
        )
