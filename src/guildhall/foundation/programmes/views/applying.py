"""The applicant's pages: the call, the wizard, the check before it is sent, and what may be done after."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.applying import ScanForm, StepForm, sections
from guildhall.foundation.programmes.models import Application, Draft, Endorsement, Round
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import applying, evidence
from guildhall.foundation.programmes.moves.applying import DraftMoved
from guildhall.foundation.programmes.moves.prefilling import people_of, prefilled, units_for
from guildhall.foundation.programmes.rules.form import FormIncomplete
from guildhall.foundation.programmes.rules.levels import CHECK, seat_of
from guildhall.foundation.programmes.schema import FactField
from guildhall.foundation.programmes.states import Move, State
from guildhall.foundation.programmes.views import SignedIn, id_of, key_of
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.panels import rail


def came_from(field: FactField) -> str:
    """The register a prefilled field comes from, as the page says it."""
    if not field.prefill:
        return ""
    other = {"unit.chair": _("来自任职登记"), "last": _("来自本单位上次申报")}
    return other.get(field.prefill, _("来自单位名册"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: SignedIn, pk: int) -> HttpResponse:
    """A call that units answer: for whom, until when; the reader's own units may begin here."""
    of = Round.objects.visible_to(request.user).pick(pk)
    if of.rules.entry != "applied":
        raise NotHere
    if request.method == "POST":
        unit = Unit.objects.visible_to(request.user).pick(id_of(request.POST.get("unit", "")))
        draft = applying.start(pk, unit.pk, prefilled(of, unit), by=request.user, key=key_of(request))
        return redirect("rounds:form", draft.pk, 1)
    own = of.applications.filter(union__in=request.user.unions_with(Right.SPEAK_FOR_UNIT)).select_related("unit")
    return render(request, "programmes/applying/call.html", {
        "round": of, "units": applying.open_to(of, request.user), "own": own, "key": uuid4(), "rules": of.rules,
        "against": applying.against_open(of), "ends": clock.end_of_day(of.closes_on),
        "steps": [label for label, _fields in sections(of.rules)], "crumbs": crumbs(of),
    })  # fmt: skip


def crumbs(of: Round, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of a round's application."""
    above = [(_("批次"), reverse("rounds:index")), (of.title, reverse("rounds:page", args=[of.pk]))]
    return [*above, *(more or ((_("申报"), ""),))]


def own_application(request: SignedIn, pk: int) -> Application:
    """The application, for who speaks for its unit. Raises `NotHere`, `NoRight`."""
    found = Application.objects.visible_to(request.user).select_related("unit__district", "union__parent").pick(pk)
    require(request.user, Right.SPEAK_FOR_UNIT, at=found.union)
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: SignedIn, pk: int, step: int) -> HttpResponse:
    """One step of the wizard: what is typed is saved, sound or not; going on says what is wrong beside its field."""
    application = own_application(request, pk)
    asked = _fields(application, step)
    if refusal := applying.against_changing(application):
        raise refusal
    choices = {"people": people_of(application.unit), "units": units_for(request.user, asked)}
    if request.method != "POST":
        first = StepForm.first(application, applying.latest(application))
        return _page(request, application, step, StepForm(fields=asked, initial=first, **choices))
    filled = StepForm(request.POST, request.FILES, fields=asked, **choices)
    filled.is_valid()
    return (_autosave if "autosave" in request.POST else _send)(request, application, step, filled)


def _fields(application: Application, step: int) -> list[FactField]:
    """The fields of a step. Raises `NotHere` for a step the form has not."""
    steps = sections(application.round.rules)
    if not 1 <= step <= len(steps):
        raise NotHere
    return list(steps[step - 1][1])


def _autosave(request: SignedIn, application: Application, step: int, filled: StepForm) -> HttpResponse:
    try:
        saved = applying.save_draft(
            application.pk, filled.typed(), base=filled.cleaned_data.get("base") or 0, by=request.user
        )
    except Refusal as refusal:
        return JsonResponse({"said": str(refusal)}, status=refusal.status)
    at = saved.at.astimezone(clock.now().tzinfo)
    return JsonResponse({"said": _("已保存 %(when)s") % {"when": f"{at:%H:%M:%S}"}, "base": saved.number})


def _send(request: SignedIn, application: Application, step: int, filled: StepForm) -> HttpResponse:
    steps = sections(application.round.rules)
    try:
        applying.save_draft(application.pk, filled.typed(), base=filled.cleaned_data.get("base") or 0, by=request.user)
    except DraftMoved as moved:
        return _differ(request, application, step, filled, moved)
    for name, upload in filled.uploads().items():
        evidence.add_evidence(
            application.pk, indicator=name, title=upload.name, upload=upload, by=request.user, key=uuid4()
        )
    files = set(application.evidence.values_list("indicator", flat=True))
    going = request.POST.get("go", "next")
    if going == "next" and not filled.judge(files):
        return _page(request, application, step, filled, status=422)
    target = step - 1 if going == "back" else step + 1 if going == "next" else step
    if going == "later":
        messages.success(request, _("已保存。截止前随时可以回来接着填。"))
        return redirect("rounds:application", application.pk)
    return (
        redirect("rounds:form", application.pk, max(target, 1))
        if target <= len(steps)
        else redirect("rounds:form_check", application.pk)
    )


def _page(request: SignedIn, application: Application, step: int, filled: StepForm, status: int = 200) -> HttpResponse:
    steps, asked_for = sections(application.round.rules), asked_places(application)
    fields = {field.key: field for field in steps[step - 1][1]}
    rows = [
        (filled[name], came_from(field), asked_for.get(name, ""), application.evidence.filter(indicator=name).first())
        if field.type == "file" else (filled[name], came_from(field), asked_for.get(name, ""), None)
        for name, field in fields.items()
    ]  # fmt: skip
    facts = {
        "application": application, "round": application.round, "form": filled, "rows": rows, "step": step,
        "steps": rail([*[label for label, _fields in steps], _("核对")], step - 1), "last": step == len(steps),
        "crumbs": crumbs(application.round, (application.unit.name, reverse("rounds:application", args=[application.pk]))),
        "label": steps[step - 1][0], "saved": application.drafts.first(), "back": returned(application),
    }  # fmt: skip
    return render(request, "programmes/applying/step.html", facts, status=status)


def _differ(
    request: SignedIn, application: Application, step: int, filled: StepForm, moved: DraftMoved
) -> HttpResponse:
    """Both versions side by side; sending the shown one again takes it."""
    fields = {field.key: field for field in application.round.rules.form}
    typed = filled.typed()
    rows = [
        (worded(fields[name].label), shown_value(fields[name], application.facts.get(name)), shown_value(fields[name], mine))
        for name, mine in typed.items() if mine != application.facts.get(name, "")
    ]  # fmt: skip
    facts = {
        "application": application, "rows": rows, "why": str(moved), "form": filled, "step": step,
        "latest": applying.latest(application), "posted": [(k, v) for k, v in request.POST.items() if k not in ("base", "csrfmiddlewaretoken")],
        "crumbs": crumbs(application.round, (application.unit.name, "")),
    }  # fmt: skip
    return render(request, "programmes/applying/differ.html", facts, status=409)


def shown_value(field: FactField, value: Any) -> str:
    """A kept value in words."""
    if value in (None, "", []):
        return str(_("未填"))
    if field.type == "choice":
        return {one.key: worded(one.label) for one in field.options}.get(str(value), str(value))
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if field.type == "table" and isinstance(value, list):
        rows = [
            "，".join(str(row.get(cell.key) or "–") for cell in field.columns) for row in value if isinstance(row, dict)
        ]
        return "；".join(rows)
    if isinstance(value, list):
        return " – ".join(map(str, value))
    unit = f" {worded(field.unit)}" if field.unit else _(" 元") if field.type == "money" else ""
    said = formats.count(int(value)) if str(value).isdigit() and field.counts else str(value)
    return f"{said}{unit}"


def returned(application: Application) -> Endorsement | None:
    """The return that the applicant is to mend, while it lies with the unit."""
    if application.state != State.RETURNED:
        return None
    return application.endorsements.filter(act=Move.RETURN).select_related("union").order_by("-id").first()


def asked_places(application: Application) -> dict[str, str]:
    """What the latest return asks for, by field; a place whose value has not changed since is still unmended."""
    back = returned(application)
    if back is None:
        return {}
    sent = application.snapshots.filter(stage=f"submitted-{application.submissions}").first()
    before = sent.body["facts"] if sent else {}
    return {
        name: _("已改，原来是：%(before)s") % {"before": before.get(name)} if application.facts.get(name) != before.get(name)
        else _("请补正：%(text)s") % {"text": back.text}
        for name in back.places
    }  # fmt: skip


@login_required
@require_safe
def check(request: SignedIn, pk: int) -> HttpResponse:
    """The last step: every line once more with its way back, what is still missing, and what happens next."""
    application = own_application(request, pk)
    if refusal := applying.against_changing(application):
        raise refusal
    return render(request, "programmes/applying/check.html", _checked(application))


def _checked(application: Application, **more: Any) -> dict[str, Any]:
    rules, found = application.round.rules, applying.faults(application)
    files = {piece.indicator: piece for piece in application.evidence.select_related("attachment")}
    asked_for = asked_places(application)
    parts = [
        (n, label, [
            (field, worded(field.label), files.get(field.key) if field.type == "file" else shown_value(field, application.facts.get(field.key)),
             str(found.get(field.key, "")), asked_for.get(field.key, ""))
            for field in fields
        ])
        for n, (label, fields) in enumerate(sections(rules), 1)
    ]  # fmt: skip
    scan = files.get(applying.SCAN)
    ready = not found and (scan is not None or not rules.sealed_scan)
    steps = rail([*[label for label, _fields in sections(rules)], _("核对")], len(sections(rules)))
    return {
        "application": application, "round": application.round, "parts": parts, "faults": found, "ready": ready,
        "steps": steps, "scan": scan, "needs_scan": rules.sealed_scan, "scan_form": ScanForm(), "key": uuid4(),
        "back": returned(application), "crumbs": crumbs(application.round, (application.unit.name, "")),
        **more,
    }  # fmt: skip


@login_required
@require_POST
def submit(request: SignedIn, pk: int) -> HttpResponse:
    """Send it off: for the first time, or again after a return."""
    application = own_application(request, pk)
    send = applying.resubmit if application.state == State.RETURNED else applying.submit
    try:
        done = send(pk, by=request.user, key=key_of(request))
    except FormIncomplete as refusal:
        facts = _checked(own_application(request, pk), refused=str(refusal))
        return render(request, "programmes/applying/check.html", facts, status=refusal.status)
    who = who_has(done)
    messages.success(request, _("已提交，内容已封存。现在由%(who)s审查，结果会通知您。") % {"who": who})
    return redirect("rounds:application", pk)


def who_has(application: Application) -> str:
    """Whose turn it is, by the union's name."""
    if application.level == CHECK:
        return application.round.union.short
    seat = seat_of(application.round.rules.levels[application.level], application.union)
    return seat.name if seat else application.round.union.short


@login_required
@require_POST
def recall(request: SignedIn, pk: int) -> HttpResponse:
    """Take it back to the draft."""
    applying.recall(pk, by=request.user, key=key_of(request))
    messages.success(request, _("已撤回，可以修改后再提交。"))
    return redirect("rounds:form_check", pk)


@login_required
@require_POST
def discard(request: SignedIn, pk: int) -> HttpResponse:
    """Throw a draft away."""
    application = own_application(request, pk)
    applying.discard(pk, by=request.user, key=key_of(request))
    messages.success(request, _("草稿已删除。截止前可以重新申报。"))
    return redirect("rounds:apply", application.round_id)


@login_required
@require_POST
def scan(request: SignedIn, pk: int) -> HttpResponse:
    """Upload the sealed print."""
    application = own_application(request, pk)
    filled = ScanForm(request.POST, request.FILES)
    if not filled.is_valid():
        return render(request, "programmes/applying/check.html", _checked(application, scan_form=filled), status=422)
    upload = filled.cleaned_data["file"]
    named = {"indicator": applying.SCAN, "title": upload.name, "upload": upload}
    evidence.add_evidence(pk, by=request.user, key=filled.cleaned_data["key"], **named)
    messages.success(request, _("扫描件已收到。"))
    return redirect("rounds:form_check", pk)


@login_required
@require_safe
def versions(request: SignedIn, pk: int) -> HttpResponse:
    """The draft's versions: when, by whom, what each changed."""
    application = own_application(request, pk)
    facts = {
        "application": application, "rows": _versions(application),
        "crumbs": crumbs(application.round, (application.unit.name, "")),
    }  # fmt: skip
    return render(request, "programmes/applying/versions.html", facts)


def _versions(application: Application) -> list[tuple[Draft, list[tuple[str, str, str]]]]:
    """Each version, the latest first, with what it changed: label, before, after."""
    fields = {field.key: field for field in application.round.rules.form}
    old: dict[str, Any] = {}
    found = []
    for row in application.drafts.select_related("by__person").order_by("number"):
        changes = [
            (worded(fields[name].label), shown_value(fields[name], old.get(name)), shown_value(fields[name], value))
            for name, value in row.facts.items() if name in fields and value != old.get(name, "")
        ]  # fmt: skip
        found.append((row, changes))
        old = row.facts
    return found[::-1]
