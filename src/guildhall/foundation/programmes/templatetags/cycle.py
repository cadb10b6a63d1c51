"""What the cycle's templates say of a programme's data."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.programmes.models.round import worded

register = template.Library()
register.filter("worded", worded)

SEATS = {"unit": _("本单位工会"), "district_or_industry": _("旗县区或产业工会"), "federation": _("市总工会")}


@register.filter
def seat(at: str) -> str:
    """Which union a level is."""
    return str(SEATS[at])


@register.filter
def exact(value: Decimal) -> str:
    """A decimal as it is, without the zeros at its end."""
    return f"{value.normalize():f}"
