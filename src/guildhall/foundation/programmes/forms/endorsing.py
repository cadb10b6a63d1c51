"""The forms of the levels: a notice, its proof, an opinion, a return, a ranking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.programmes.schema import Level
from guildhall.foundation.screens.forms import DayInput, FileField, KeyedForm, MomentInput

PAPERS = ("pdf", "jpg", "jpeg", "png")


def _words(rows: int = 3, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class AnnounceForm(KeyedForm):
    """When and where the level put the application up."""

    starts_on = forms.DateField(label=_("公示开始日"), widget=DayInput)
    place = forms.CharField(label=_("公示地点"), max_length=80, help_text=_("例 厂务公开栏、单位网站"))


class ProofForm(KeyedForm):
    """The proof of the notice."""

    file = FileField(label=_("公示证明"), suffixes=PAPERS)


class EndorseForm(KeyedForm):
    """An opinion, and the resolution where the level decides by one."""

    text = forms.CharField(label=_("推荐意见"), max_length=2000, widget=_words())
    resolved_on = forms.DateField(label=_("决议日期"), widget=DayInput, required=False)
    resolution = FileField(label=_("职代会决议或会议纪要"), suffixes=PAPERS, required=False)

    def __init__(self, *args: Any, level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not level.resolution:
            del self.fields["resolved_on"], self.fields["resolution"]


class ReturnForm(KeyedForm):
    """What is to be mended, why, until when."""

    places = forms.MultipleChoiceField(label=_("要补正的地方"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(label=_("要怎样改"), max_length=2000, widget=_words())
    due_on = forms.DateField(label=_("补正到"), widget=DayInput)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["places"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices


class MoreTimeForm(KeyedForm):
    """A later day for what was returned."""

    due_on = forms.DateField(label=_("延长到"), widget=DayInput)
    reason = forms.CharField(label=_("理由"), max_length=400, widget=_words(2))


class DeclineForm(KeyedForm):
    """Why it is not put forward."""

    text = forms.CharField(label=_("不予推荐的理由"), max_length=2000, widget=_words())


class RankForm(KeyedForm):
    """The order of a ranked list and an opinion for each; an empty number leaves an application for later."""

    resolved_on = forms.DateField(label=_("决议日期"), widget=DayInput, required=False)
    resolution = FileField(label=_("会议纪要"), suffixes=PAPERS, required=False)

    def __init__(self, *args: Any, rows: list[tuple[int, str]], level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not level.resolution:
            del self.fields["resolved_on"], self.fields["resolution"]
        self.rows = rows
        small = {"class": "gh-w4", "min": 1, "inputmode": "numeric"}
        for n, (pk, name) in enumerate(rows, 1):
            self.fields[f"place-{pk}"] = forms.IntegerField(
                label=_("%(unit)s的名次") % {"unit": name}, required=False, min_value=1, initial=n,
                widget=forms.NumberInput(attrs=small),
            )  # fmt: skip
            self.fields[f"text-{pk}"] = forms.CharField(
                label=_("%(unit)s的推荐意见") % {"unit": name}, max_length=2000, required=False, initial=_("同意推荐。")
            )

    def clean(self) -> dict[str, Any]:
        """Places are 1, 2, 3 … without a gap or a tie."""
        said = super().clean() or {}
        places = [said.get(f"place-{pk}") for pk, _name in self.rows]
        given = sorted(one for one in places if one)
        if not given:
            raise forms.ValidationError(_("还没有给任何一家排名次。"))
        if given != list(range(1, len(given) + 1)):
            raise forms.ValidationError(_("名次要从 1 起连续排，不能并列。"))
        return said

    def order(self) -> list[int]:
        """The applications by id, the first first."""
        found = [(self.cleaned_data[f"place-{pk}"], pk) for pk, _name in self.rows if self.cleaned_data[f"place-{pk}"]]
        return [pk for _place, pk in sorted(found)]

    def papers(self) -> dict[str, Any]:
        """The resolution and its day, where the level decides by one."""
        return {name: self.cleaned_data[name] for name in ("resolved_on", "resolution") if name in self.cleaned_data}

    def texts(self) -> dict[int, str]:
        """The opinions by application."""
        return {pk: self.cleaned_data.get(f"text-{pk}") or "" for pk, _name in self.rows}


class PlacesForm(KeyedForm):
    """The quota of each union of a level; empty is no limit."""

    def __init__(self, *args: Any, rows: list[tuple[int, str, int | None]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pk, name, places in rows:
            self.fields[f"places-{pk}"] = forms.IntegerField(
                label=name, required=False, min_value=0, max_value=10_000, initial=places,
                widget=forms.NumberInput(attrs={"class": "gh-w6"}),
            )  # fmt: skip

    def places(self) -> dict[int, int | None]:
        """By the union's id."""
        return {
            int(name.removeprefix("places-")): value
            for name, value in self.cleaned_data.items() if name.startswith("places-")
        }  # fmt: skip


class ExtendLevelForm(KeyedForm):
    """A later end of a level, for all."""

    until = forms.DateTimeField(label=_("延长到"), widget=MomentInput, help_text=_("对这一级的所有工会一样。"))
    reason = forms.CharField(label=_("理由"), max_length=400, widget=_words(2))
