"""What a sheet's page sends, read into the body that the moves take."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.foundation.screens.forms import DayInput, FileField, KeyedForm


class PhotographForm(KeyedForm):
    """A photograph from the site."""

    photograph = FileField(label=_("照片"), suffixes=("jpg", "jpeg", "png"), megabytes=20)


class ExternalForm(KeyedForm):
    """What was decided elsewhere."""

    passed = forms.ChoiceField(label=_("结果"), choices=[("1", _("通过")), ("0", _("不通过"))])
    number = forms.CharField(label=_("文号"), max_length=80)
    dated = forms.DateField(label=_("日期"), widget=DayInput)
    note = forms.CharField(label=_("说明"), max_length=400, required=False)


class ReplaceForm(KeyedForm):
    """Somebody else in the place of a reviewer, and why."""

    user = forms.IntegerField(label=_("换成"))
    reason = forms.CharField(label=_("理由"), max_length=400)

    def __init__(self, *args: Any, people: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].widget = forms.Select(choices=[(one.pk, str(one)) for one in people])


def body_of(step: ReviewStep, said: Mapping[str, Any]) -> dict[str, Any]:
    """The sheet's body from the page's fields: `verdict`, `vote`, `mark-…`, or `item-…` with `text-…`."""
    match step.method:
        case "panel":
            return {one.key: said.get(f"mark-{one.key}", "") for one in step.criteria}
        case "checklist":
            return {
                one.key: {"mark": said.get(f"item-{one.key}", ""), "text": said.get(f"text-{one.key}", "")}
                for one in step.items
            }
        case "ballot":
            return {"vote": said.get("vote", "")}
    return {"verdict": said.get("verdict", "")}


def lines_of(step: ReviewStep, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The page's lines: each criterion or item with what is filled in."""
    found: list[dict[str, Any]] = [
        {"key": one.key, "label": worded(one.label), "points": one.points, "value": body.get(one.key, "")}
        for one in step.criteria
    ]
    for item in step.items:
        line = body.get(item.key) or {}
        found.append({"key": item.key, "label": worded(item.label), "photograph": item.photograph, **line})
    return found
