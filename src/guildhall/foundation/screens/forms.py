"""Forms that are sent once, and the fields whose values are ours: money in yuan, kept in fen."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.screens import formats


class KeyedForm(forms.Form):
    """A form with a hidden key, made when it is first shown and kept when shown again: sent twice, done once."""

    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("页面过期了，请刷新再提交。")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["key"].initial = uuid4


class MoneyField(forms.CharField):
    """Yuan as people write them (20,000.50); the cleaned value is fen. The page echoes the sum in words."""

    widget = forms.TextInput(
        attrs={"inputmode": "decimal", "data-gh-money": "", "class": "gh-w10", "autocomplete": "off"}
    )
    default_error_messages = {
        "yuan": _("请写元，最多两位小数，例 20000 或 20,000.50。"),
        "least": _("不能少于 %(limit)s 元。"),
        "most": _("不能多于 %(limit)s 元。"),
    }

    def __init__(self, *, least: int = 0, most: int = 10**15, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        """Fen, or None where left empty and not required."""
        text = super().clean(value).replace(",", "").replace("，", "").replace(" ", "")
        if not text:
            return None
        try:
            fen = Decimal(text) * formats.FEN
        except ArithmeticError:  # No number, or one that no sum of money comes near.
            raise ValidationError(self.error_messages["yuan"], "yuan") from None
        if not fen.is_finite() or fen != fen.to_integral_value():
            raise ValidationError(self.error_messages["yuan"], "yuan")
        for broken, code, limit in ((fen < self.least, "least", self.least), (fen > self.most, "most", self.most)):
            if broken:
                raise ValidationError(self.error_messages[code], code, {"limit": formats.yuan(limit)})
        return int(fen)

    def prepare_value(self, value: Any) -> Any:
        """Fen shown as yuan; what a person typed is shown as typed."""
        return formats.yuan(value) if isinstance(value, int) else value


class FileField(forms.FileField):
    """A file with its limits stated before choosing: `suffixes` ("xlsx", "pdf") and megabytes."""

    default_error_messages = {
        "suffix": _("这里收 %(kinds)s 文件，您选的是“%(name)s”。"),
        "large": _("“%(name)s”超过 %(limit)d MB。"),
    }

    def __init__(self, *, suffixes: tuple[str, ...], megabytes: int = 20, **kwargs: Any) -> None:
        self.suffixes, self.megabytes = suffixes, megabytes
        kinds = "、".join(suffix.upper() for suffix in suffixes)
        said = format_lazy(_("{kinds}，不超过 {limit} MB。"), kinds=kinds, limit=megabytes)
        kwargs.setdefault("help_text", said)
        super().__init__(**kwargs)
        self.widget.attrs.update(
            {
                "accept": ",".join(f".{suffix}" for suffix in suffixes),
                "data-gh-max": megabytes * 1024**2,
                "data-gh-toolarge": _("这个文件太大，没有选上。请压缩后再选。"),
            }
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The uploaded file, its name and size within the limits; what is inside is the caller's to check."""
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile) and file.name:
            kinds = "、".join(suffix.upper() for suffix in self.suffixes)
            if not file.name.lower().endswith(tuple(f".{suffix}" for suffix in self.suffixes)):
                raise ValidationError(self.error_messages["suffix"], "suffix", {"kinds": kinds, "name": file.name})
            if (file.size or 0) > self.megabytes * 1024**2:
                facts = {"name": file.name, "limit": self.megabytes}
                raise ValidationError(self.error_messages["large"], "large", facts)
        return file


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "gh-w10"})


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a date and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", attrs={"class": "gh-w16"})
