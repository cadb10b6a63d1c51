"""Registers this domain with the foundation."""

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "guildhall.reform.pilots"
    label = "pilots"

    def ready(self) -> None:
        """Say which units a round of pilots is for."""
        from guildhall.foundation.programmes import registry
        from guildhall.reform.pilots.models import Designation

        registry.ELIGIBLE["pilots"] = lambda on: Designation.objects.eligible(on).select_related("union").order_by("pk")
