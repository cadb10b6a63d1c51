"""What the cycle's templates say of a programme's data."""

from django import template

from guildhall.foundation.programmes.models.round import worded

register = template.Library()
register.filter("worded", worded)
