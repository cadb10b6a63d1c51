"""Documents put on paper: the PDF that is kept, the Word file that is written when somebody asks for it."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from guildhall.foundation.documents import rendering
from guildhall.foundation.documents.models import Document, in_force
from guildhall.foundation.documents.rendering import Meta
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.organisations.models import User
from guildhall.foundation.records.attachments import keep_made, open_attachment
from guildhall.foundation.records.moves import waiting
from guildhall.foundation.records.states import AttachmentKind


def meta_of(document: Document) -> Meta:
    """What every sheet says of the document beside its content."""
    return Meta(
        kind=str(DocumentKind(document.kind).label), number=document.number, title=document.title,
        bodies=tuple(document.seals), at=document.issued_at, short=document.short, check_code=document.check_code,
        check_url=f"{settings.PUBLIC_ADDRESS}{reverse('web:check')}?code={document.check_code}",
        house=settings.FEDERATION_NAME,
    )  # fmt: skip


def put_on_paper(document: Document, by: User | None) -> None:
    """Print the paper and keep it. Raises `NoFont`."""
    paper = rendering.pdf(document.sheet, document.content, meta_of(document))
    document.file = keep_made(
        paper, name=f"{document.number}.pdf", kind=AttachmentKind.PDF, by=by, subject=document.about,
        stream=document.stream,
    )  # fmt: skip
    document.save(update_fields=["file"])


@transaction.atomic
def print_out(pk: int, *, by: User | None) -> Document:
    """Print a document that was issued where no font was; the caller has reached it in the reader's scope.

    Raises `NoFont` where there is still none.
    """
    with waiting():
        document = Document.objects.select_related("union").select_for_update(of=("self",)).get(pk=pk)
    if document.file_id is None:
        put_on_paper(document, by)
    return document


def word_of(document: Document) -> bytes:
    """The document as a Word file, by the template now in force. Raises `BadTemplate`."""
    own = in_force(document.kind)
    if own and own.file:
        with open_attachment(own.file) as file:
            template = file.read()
    else:
        template = rendering.default_word(document.kind)
    return rendering.word(template, document.content, meta_of(document))
