"""Registers the cycle's messages with the foundation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    name = "guildhall.foundation.programmes"
    label = "programmes"

    def ready(self) -> None:
        """What the cycle tells people."""
        from guildhall.foundation.messages.rules import Template, register
        from guildhall.foundation.programmes import registry
        from guildhall.foundation.programmes.moves import placing, reviewing
        from guildhall.foundation.programmes.rules.told import templates
        from guildhall.foundation.programmes.views import archive, notices, work, workbench
        from guildhall.foundation.programmes.views import reviewing as sheets

        placing.register()
        registry.MAY_READ.append(reviewing.judges)
        templates()
        work.register()
        workbench.register()
        notices.register()
        sheets.register()
        archive.register()
        register(
            programmes__opened=Template(_("%(round)s已经开始。请在%(until)s前核对本单位的数据和证明材料。")),
            programmes__called=Template(_("%(round)s开始申报。本单位要申报的，请在%(until)s 17:30 前提交。")),
            programmes__awaits=Template(_("%(unit)s申报%(round)s，请您审查后推荐或退回。")),
            programmes__returned=Template(_("%(union)s退回了本单位在%(round)s的申报，请在%(until)s前补正：%(reason)s")),
            programmes__mending_longer=Template(_("%(round)s的补正期限延长到%(until)s。")),
            programmes__declined=Template(_("%(union)s没有推荐本单位参加%(round)s：%(reason)s")),
            programmes__ranked=Template(_("%(union)s提交了%(round)s的推荐排序，共 %(n)d 件。"), sms=False),
            programmes__judge=Template(_("请您评审%(round)s的申报：%(step)s。")),
            programmes__extended=Template(_("%(round)s的评分截止时间延长到%(until)s，各单位一样。")),
            programmes__cancelled=Template(_("%(round)s取消了：%(reason)s")),
            programmes__evidence_due=Template(_("%(round)s的证明材料在%(until)s截止，本单位还可以补充。")),
            programmes__answer_due=Template(_("%(round)s有一件异议没有答复，期限是%(until)s。")),
            programmes__clearance_due=Template(_("%(round)s有部门还没有答复征求意见，期限是%(until)s。请催办。")),
            programmes__proposed=Template(_("%(round)s的结果已经算出，请您审定。")),
            programmes__sent_back=Template(_("%(round)s的结果退回给您：%(reason)s")),
            programmes__released=Template(_("%(round)s的结果已经公布，您可以看到本单位的得分和理由。")),
            programmes__refused=Template(_("本单位没有通过%(round)s的资格审查，依据%(clause)s。")),
            programmes__objection=Template(_("%(round)s收到一件异议，请在%(until)s前答复。")),
            programmes__answered=Template(_("您提出的异议（回执 %(receipt)s）已经答复。")),
            programmes__struck=Template(_("异议成立，本单位在%(round)s中的结果不予通过，依据%(clause)s。")),
            programmes__archived=Template(_("%(round)s的归档已经导出，可以下载了。"), sms=False),
            programmes__again=Template(_("%(round)s再次公示（%(number)s），其中有本单位的变动，请查看理由。")),
            programmes__finished=Template(_("%(round)s的公示已经结束，可以开始付款。")),
        )
