"""Fields that take an id or a code, and look it up in the asker's scope."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.rules.units import against_code


class ScopedChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among rows of the asker's scope. An id that the page did not offer is `NotHere`, not a hint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": _("请选择"), **kwargs})

    def to_python(self, value: Any) -> Any:
        """The row."""
        try:
            return super().to_python(value)
        except ValidationError:
            raise NotHere from None


class OfferedField(forms.TypedChoiceField):
    """A choice among ids that the page offered. Another one is `NotHere`, not a hint."""

    def validate(self, value: Any) -> None:
        """Empty where required is the form's own word; what was not offered is not here."""
        if value not in self.empty_values and not self.valid_value(value):
            raise NotHere
        super().validate(value)


class CodeField(forms.CharField):
    """A 统一社会信用代码."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)
        self.widget.attrs.update({"class": "gh-w24", "autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        """The code, its check digit right."""
        text = super().clean(value).upper().replace(" ", "")
        if text and (wrong := against_code(text)):
            raise ValidationError(f"{wrong[0]}。{wrong[1]}。")
        return text


class UnitByCodeField(CodeField):
    """A unit named by its code, within the asker's scope; give `asker` before use."""

    asker: User

    def clean(self, value: Any) -> Unit | None:
        """The unit, or None where left empty and not required."""
        code = super().clean(value)
        if not code:
            return None
        unit = Unit.objects.visible_to(self.asker).filter(code=code).first()
        if unit is None:
            raise ValidationError(_("登记里没有这个代码的单位。请在单位页上核对代码。"))
        return unit
