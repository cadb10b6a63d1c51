"""Word templates: replaced by an officer's own, restored to the house's."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.documents.models import Template, runs_the_office
from guildhall.foundation.documents.rendering import check_word
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.errors import KeyReused, NoRight
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.states import UnionKind
from guildhall.foundation.records.attachments import open_attachment, store
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.moves import record, waiting
from guildhall.foundation.records.states import AttachmentKind


@transaction.atomic
def replace_template(kind: DocumentKind, upload: "UploadedFile[Any]", *, by: User, key: UUID) -> Template:
    """Put a Word template of the office's own in force for a kind; the ones before it are kept.

    Raises `NoRight`, the attachments' refusals, and what `rendering.check_word` refuses.
    """
    return _put(kind, upload, by=by, key=key)


@transaction.atomic
def restore_template(kind: DocumentKind, *, by: User, key: UUID) -> Template:
    """Put the house's own template in force again."""
    return _put(kind, None, by=by, key=key)


def _put(kind: DocumentKind, upload: "UploadedFile[Any] | None", *, by: User, key: UUID) -> Template:
    if not runs_the_office(by):
        raise NoRight
    with waiting():
        federation = Union.objects.select_for_update().get(kind=UnionKind.FEDERATION)
    if earlier := Template.objects.filter(key=key).first():
        if (earlier.kind, earlier.file_id is None) != (kind, upload is None):
            raise KeyReused
        return earlier
    stream, subject = f"documents:{federation.pk}", f"document-template:{kind}"
    file = _checked(upload, by, subject, stream) if upload else None
    last = Template.objects.filter(kind=kind).order_by("-version").values_list("version", flat=True).first() or 0
    made = Template.objects.create(kind=kind, version=last + 1, file=file, put_by=by, put_at=clock.now(), key=key)
    content = {"version": made.version, "digest": file.digest if file else "", "name": file.name if file else ""}
    record("document-template", stream=stream, subject=subject, by=by, content=content, key=key)
    return made


def _checked(upload: "UploadedFile[Any]", by: User, subject: str, stream: str) -> Attachment:
    """Kept as an attachment is, then read as a template; a refusal rolls the keeping back."""
    kept = store(upload, by=by, subject=subject, stream=stream, kinds={AttachmentKind.DOCX})
    with open_attachment(kept) as file:
        check_word(file.read())
    return kept
