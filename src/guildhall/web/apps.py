"""Django's entry to the shell."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "guildhall.web"
    label = "web"

    def ready(self) -> None:
        """Add the shell's own places to the navigation."""
        from guildhall.foundation.organisations.states import Role
        from guildhall.foundation.records.states import ANYWHERE
        from guildhall.foundation.screens import navigation, public

        navigation.register(
            navigation.Entry(label=_("工作台"), url_name="web:workbench", icon="inbox", order=0, tab=True)
        )
        navigation.register(
            navigation.Entry(
                label=_("发件箱"),
                url_name="web:outbox",
                icon="send",
                section=_("统筹"),
                roles=[Role.FEDERATION_OFFICER],
                order=92,
            )
        )
        navigation.hold("/messages/", "web:workbench")
        ANYWHERE["clock.set-forward"] = _("往后拨业务时间")
        public.register_place(public.Place(_("公示公告"), "web:notices", 0))
        public.register_place(public.Place(_("核验"), "web:check", 90))
