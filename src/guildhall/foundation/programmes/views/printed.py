"""The application on paper, to be sealed by hand."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guildhall.foundation import clock
from guildhall.foundation.documents import rendering
from guildhall.foundation.documents.rendering import Meta
from guildhall.foundation.programmes.forms.applying import sections
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules import digest_of
from guildhall.foundation.programmes.views import SignedIn
from guildhall.foundation.programmes.views.applying import shown_value


def content(application: Application) -> dict[str, object]:
    """The form in groups, its tables apart."""
    groups, tables = [], []
    for label, fields in sections(application.round.rules):
        plain = [field for field in fields if field.type not in ("table", "file")]
        groups.append({
            "title": label,
            "facts": [(worded(field.label), shown_value(field, application.facts.get(field.key))) for field in plain],
        })  # fmt: skip
        for field in fields:
            rows = application.facts.get(field.key)
            if field.type == "table" and isinstance(rows, list) and rows:
                tables.append({
                    "title": worded(field.label),
                    "columns": [{"label": worded(cell.label)} for cell in field.columns],
                    "rows": [[str(row.get(cell.key) or "–") for cell in field.columns] for row in rows],
                })  # fmt: skip
    return {
        "lead": f"{application.unit.name}　{application.unit.code}", "groups": groups, "tables": tables,
        "signs": [_("单位（章）"), _("工会（章）"), _("填表人"), _("日期")],
    }  # fmt: skip


@login_required
@require_safe
def application(request: SignedIn, pk: int) -> HttpResponse:
    """The form as it stands, as a PDF with its time and short hash."""
    found = Application.objects.visible_to(request.user).pick(pk)
    short = digest_of(found.facts)[:8]
    meta = Meta(
        kind=_("申报表"), title=_("%(round)s申报表") % {"round": found.round.title}, bodies=(found.unit.name,),
        at=clock.now(), short=short, house=found.round.union.name,
    )  # fmt: skip
    paper = rendering.pdf("application", content(found), meta)
    name = content_disposition_header(False, f"{found.unit.name}-{short}.pdf") or ""
    return HttpResponse(paper, content_type="application/pdf", headers={"Content-Disposition": name})
