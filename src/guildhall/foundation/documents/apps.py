"""Registers the documents with the public page, the navigation and the records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "guildhall.foundation.documents"
    label = "documents"

    def ready(self) -> None:
        """What a check code stands for; the officers' list."""
        from guildhall.foundation.documents.states import ACT_WORDS
        from guildhall.foundation.documents.views.public import stands_for
        from guildhall.foundation.organisations.states import Role
        from guildhall.foundation.records.states import ACTS, CHAINS, SUBJECTS
        from guildhall.foundation.screens import public
        from guildhall.foundation.screens.navigation import Entry, register

        public.register_check(stands_for)
        ACTS["document"] = ACTS["document-template"] = ACTS["series"] = ACT_WORDS
        CHAINS["documents"] = SUBJECTS["document"] = _("文书")
        SUBJECTS["document-template"], SUBJECTS["series"] = _("文书模板"), _("编号系列")
        readers = [
            Role.FEDERATION_OFFICER, Role.LEADER, Role.AUDITOR, Role.DISTRICT_OFFICER, Role.INDUSTRY_OFFICER,
        ]  # fmt: skip
        register(
            Entry(
                label=_("文书"),
                url_name="documents:index",
                icon="file-text",
                section=_("统筹"),
                roles=readers,
                order=72,
            )
        )
