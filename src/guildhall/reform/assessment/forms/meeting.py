"""The meeting's forms: its place and minutes, its sessions a row each, a lay-out by half days, the desk."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.organisations.forms.scoped import OfferedField
from guildhall.foundation.screens.forms import DayInput, KeyedForm
from guildhall.reform.assessment.forms import REASON
from guildhall.reform.assessment.models import Session
from guildhall.reform.assessment.rules import MINUTES, MOST_MINUTES, MOST_SESSIONS, Span


class TimeInput(forms.TimeInput):
    """The browser's own picker of a time."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"class": "gh-w8"})


class MeetingForm(KeyedForm):
    """Where, and how long each unit has."""

    place = forms.CharField(label=_("地点"), max_length=120, help_text=_("例如：市总工会二楼会议室"))
    minutes = forms.IntegerField(
        label=_("每家几分钟"), min_value=1, max_value=MOST_MINUTES, initial=MINUTES,
        help_text=_("发言和提问合在一起，含换场。"), widget=forms.NumberInput(attrs={"class": "gh-w6"}),
    )  # fmt: skip


class LayoutForm(MeetingForm):
    """Sessions laid out by half days from a first day on."""

    first_day = forms.DateField(label=_("第一天"), widget=DayInput)
    morning_from = forms.TimeField(label=_("上午开始"), widget=TimeInput, initial=time(9))
    morning_until = forms.TimeField(label=_("上午结束"), widget=TimeInput, initial=time(12))
    afternoon_from = forms.TimeField(label=_("下午开始"), widget=TimeInput, initial=time(14), required=False)
    afternoon_until = forms.TimeField(label=_("下午结束"), widget=TimeInput, initial=time(17), required=False)

    def halves(self) -> list[tuple[time, time]]:
        """The half days that were given."""
        said = self.cleaned_data
        pairs = [(said["morning_from"], said["morning_until"]), (said["afternoon_from"], said["afternoon_until"])]
        return [(since, until) for since, until in pairs if since and until and since < until]

    def clean(self) -> dict[str, Any]:
        """At least one half day."""
        said = super().clean() or self.cleaned_data
        if not self.errors and not self.halves():
            raise ValidationError(_("结束要晚于开始。"))
        return said


class SessionForm(forms.Form):
    """One session; a row that is left or made empty is no session."""

    day = forms.DateField(label=_("日期"), widget=DayInput, required=False)
    starts = forms.TimeField(label=_("开始"), widget=TimeInput, required=False)
    ends = forms.TimeField(label=_("结束"), widget=TimeInput, required=False)
    place = forms.CharField(label=_("地点（选填）"), max_length=120, required=False)

    def __init__(self, *args: Any, n: int, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": f"s{n}"})
        for name, one in self.fields.items():
            classes = one.widget.attrs.get("class", "")
            label = _("第 %(n)d 场：%(label)s") % {"n": n, "label": one.label}
            one.widget.attrs |= {"class": f"gh-input {classes}".strip(), "aria-label": label, "data-gh-part": name}

    def clean(self) -> dict[str, Any]:
        """A row is whole or empty."""
        said = super().clean() or self.cleaned_data
        given = [bool(said.get(name)) for name in ("day", "starts", "ends")]
        if any(given) and not all(given) and not self.errors:
            raise ValidationError(_("日期、开始和结束都要填；不要这一场，就都清空。"))
        return said

    def span(self) -> Span | None:
        """The session, or None for an empty row."""
        said, zone = self.cleaned_data, clock.now().tzinfo
        if not said.get("day"):
            return None
        starts, ends = (datetime.combine(said["day"], said[name], zone) for name in ("starts", "ends"))
        return Span(starts, ends, said.get("place", "").strip())


def session_forms(data: Any = None, sessions: list[Session] | None = None, *, fixed: bool = False) -> list[SessionForm]:
    """A form for each session and, while they can be added, one empty row; as sent, the rows that were sent."""
    if data is not None:
        sent = [n for n in range(1, MOST_SESSIONS + 2) if f"s{n}-day" in data]
        return [SessionForm(data, n=n) for n in sent]
    zone, rows = clock.now().tzinfo, []
    for one in sessions or []:
        since, until = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
        rows.append({"day": since.date(), "starts": since.time(), "ends": until.time(), "place": one.place})
    found = [SessionForm(n=n, initial=row) for n, row in enumerate(rows, 1)]
    return found if fixed else [*found, SessionForm(n=len(found) + 1)]


class DeskForm(KeyedForm):
    """Who is signed in by hand, and why the code was not used."""

    who = OfferedField(label=_("谁到了"))
    reason = forms.CharField(
        label=_("为什么不扫码"),
        max_length=400,
        widget=forms.Textarea(attrs=REASON),
        help_text=_("例如：没有带手机。至少 5 个字。"),
    )

    def __init__(self, *args: Any, people: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = list(people)  # type: ignore[attr-defined]
