"""What the cycle's templates say of a programme's data."""

from decimal import Decimal

from django import template

from guildhall.foundation.programmes.models.round import worded

register = template.Library()
register.filter("worded", worded)


@register.filter
def exact(value: Decimal) -> str:
    """A decimal as it is, without the zeros at its end."""
    return f"{value.normalize():f}"
