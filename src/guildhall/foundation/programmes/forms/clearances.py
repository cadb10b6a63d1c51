"""Forms of the departments' opinions: the letter, the answer, what is set aside."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.programmes.models import Clearance
from guildhall.foundation.programmes.states import Opinion
from guildhall.foundation.screens.forms import DayInput, KeyedForm


class LetterForm(KeyedForm):
    """Which department, until when, and whether all are asked again."""

    department = forms.ChoiceField(label=_("部门"))
    due = forms.DateField(label=_("答复期限"), widget=DayInput())
    again = forms.BooleanField(
        label=_("全部重新征求（更正已答复的）"), required=False, help_text=_("不勾选，就只问还没有发过函的。")
    )

    def __init__(self, *args: Any, departments: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["department"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = list(departments)


class AnswerForm(KeyedForm):
    """A row a unit, and who signs. Saved in parts it may be half filled; the move holds the whole to its rules."""

    signed = forms.CharField(label=_("答复人"), max_length=40, required=False, help_text=_("姓名和职务"))
    dated = forms.DateField(label=_("意见日期"), widget=DayInput(), required=False)

    def __init__(self, *args: Any, rows: Sequence[Clearance], kept: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        answers = kept.get("answers", {})
        choices = [(Opinion.CLEAR.value, Opinion.CLEAR.label), (Opinion.OBJECTS.value, Opinion.OBJECTS.label)]
        self.fields["signed"].initial = kept.get("signed", "")
        for row in rows:
            state, text = answers.get(str(row.application_id), ("", ""))
            self.fields[f"state_{row.application_id}"] = forms.ChoiceField(
                label=_("意见"), choices=choices, widget=forms.RadioSelect, required=False, initial=state
            )
            self.fields[f"text_{row.application_id}"] = forms.CharField(
                label=_("说明"), max_length=1000, required=False, initial=text,
                widget=forms.Textarea(attrs={"rows": 2}), help_text=_("有意见的写明事实和依据。"),
            )  # fmt: skip

    def by_row(self) -> list[tuple[Clearance, forms.BoundField, forms.BoundField]]:
        """Each unit with its two fields."""
        return [(row, self[f"state_{row.application_id}"], self[f"text_{row.application_id}"]) for row in self.rows]

    def answers(self) -> dict[int, tuple[str, str]]:
        """What is chosen so far, by application."""
        said = self.cleaned_data
        keys = [row.application_id for row in self.rows]
        return {key: (said[f"state_{key}"] or Opinion.ASKED.value, said[f"text_{key}"]) for key in keys}
