"""Series of numbers, the documents issued in them, and the Word templates that an office may replace."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.documents.rules import code_of
from guildhall.foundation.documents.states import READS, REVOKES, DocumentKind, DocumentState
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Scoped, Union, User
from guildhall.foundation.organisations.states import Right, UnionKind
from guildhall.foundation.records.models import Attachment, Decision

if TYPE_CHECKING:
    from typing import Self


class SeriesQuerySet(models.QuerySet["Series"]):
    """Series by scope."""

    def visible_to(self, user: User) -> "Self":
        """Those of a union at or below one where an office runs rounds."""
        return self.filter(union__lineage__overlap=user.unions_with(Right.RUN_ROUNDS))


class Series(models.Model):
    """编号: a union's series of a year. Its row is the lock at which the next number is taken."""

    union = models.ForeignKey(Union, models.PROTECT, related_name="series")
    name = models.CharField(_("系列"), max_length=40)
    year = models.PositiveSmallIntegerField(_("年份"))
    pattern = models.CharField(_("样式"), max_length=60)
    last = models.PositiveIntegerField(_("已用到"), default=0)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "name")
        constraints = [models.UniqueConstraint(fields=["union", "name", "year"], name="series_once_a_year")]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class DocumentQuerySet(Scoped["Document"]):
    """Documents by scope."""

    def visible_to(self, user: User) -> "Self":
        """Those issued by a union at or below one where an office endorses, runs rounds, decides or audits."""
        unions = {union for right in READS for union in user.unions_with(right)}
        return self.filter(union__lineage__overlap=sorted(unions))

    def told(self) -> "Self":
        """With what a page says of them: one query."""
        return self.select_related("union", "series", "issued_by__person", "revoked_by__person", "file")

    def hold(self, pk: int) -> "Document":
        """The row, locked to the end of the transaction; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Document(models.Model):
    """文书: issued once under its number. A trigger refuses every change but its printing and its revocation."""

    kind = models.CharField(_("种类"), max_length=12, choices=DocumentKind)
    union = models.ForeignKey(Union, models.PROTECT, related_name="documents")
    series = models.ForeignKey(Series, models.PROTECT, related_name="documents")
    year = models.PositiveSmallIntegerField(_("年份"))
    ordinal = models.PositiveIntegerField(_("序号"))
    """Year and ordinal sort the numbers, which are text."""
    number = models.CharField(_("编号"), max_length=80)
    title = models.CharField(_("标题"), max_length=160)
    subject = models.CharField(_("关于"), max_length=120)
    seals = models.JSONField(default=list)
    """The bodies that issue it, the leading one first; each puts its own seal on the paper."""
    content = models.JSONField()
    sheet = models.CharField(max_length=20)
    digest = models.CharField(_("摘要"), max_length=64)
    check_code = models.CharField(_("核验码"), max_length=9, unique=True)
    issued_at = models.DateTimeField(_("制发时间"))
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """None where the clock issued it."""
    key = models.UUIDField(unique=True)
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    """The paper as PDF; None until the machine has a Chinese font to print it with."""
    state = models.CharField(_("状态"), max_length=7, choices=DocumentState, default=DocumentState.VALID)
    revoked_at = models.DateTimeField(_("作废时间"), null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("作废原因"), max_length=400, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "-ordinal", "-id")
        indexes = [models.Index(fields=["subject"], name="document_subject")]
        constraints = [
            models.UniqueConstraint(fields=["series", "ordinal"], name="document_ordinal"),
            models.UniqueConstraint(fields=["union", "number"], name="document_number"),
            models.CheckConstraint(
                condition=Q(state="valid", revoked_at=None, revoked_by=None, reason="")
                | Q(state="revoked", revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(reason=""),
                name="document_revoked_in_full",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def short(self) -> str:
        """The first eight figures of the digest, as every sheet prints them."""
        return self.digest[:8]

    @property
    def stream(self) -> str:
        """Its chain: one of each issuing union."""
        return f"documents:{self.union_id}"

    @property
    def about(self) -> str:
        """What entries of the chain name it by."""
        return f"document:{self.pk}"

    def decisions(self) -> models.QuerySet[Decision]:
        """The chain's entries on this document, oldest first."""
        return Decision.objects.told().filter(stream__name=self.stream, subject=self.about).order_by("number")

    def may_revoke(self, user: User) -> bool:
        """Whether one of the reader's offices takes it back."""
        return self.state == DocumentState.VALID and any(user.may(right, at=self.union) for right in REVOKES)


def by_code(typed: str) -> Document | None:
    """The document with this check code: whoever holds the paper may ask."""
    code = code_of(typed)
    return Document.objects.select_related("union").filter(check_code=code).first() if code else None


def documents_of(subject: str) -> models.QuerySet[Document]:
    """What was issued on a subject, such as `round:12`; the caller has reached the subject in the reader's scope."""
    return Document.objects.select_related("union", "file").filter(subject=subject).order_by("issued_at", "pk")


class TemplateQuerySet(Scoped["Template"]):
    """Templates by scope."""

    def visible_to(self, user: User) -> "Self":
        """All of them for whoever runs the federation's rounds, nobody else."""
        return self.all() if runs_the_office(user) else self.none()


class Template(models.Model):
    """A version of a kind's Word template; the latest is in force, and one without a file restores the house's own."""

    kind = models.CharField(_("种类"), max_length=12, choices=DocumentKind)
    version = models.PositiveIntegerField(_("版本"))
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    put_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    put_at = models.DateTimeField(_("更换时间"))
    key = models.UUIDField(unique=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "-version")
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="template_version")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


def in_force(kind: str) -> Template | None:
    """The template that a kind's Word file is written with; None for the house's own."""
    found = Template.objects.select_related("file").filter(kind=kind).order_by("-version").first()
    return found if found and found.file_id else None


def runs_the_office(user: User) -> bool:
    """Whether the user runs rounds at the federation, whose templates all of the city uses."""
    return any(
        office.union.kind == UnionKind.FEDERATION and office.union_id in user.unions_with(Right.RUN_ROUNDS)
        for office in user.offices
    )


def years() -> list[tuple[int, str]]:
    """The years documents were issued in, for a filter."""
    found: Any = Series.objects.order_by("-year").values_list("year", flat=True).distinct()
    return [(year, str(year)) for year in found]
