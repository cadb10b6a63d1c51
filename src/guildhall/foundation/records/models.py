"""Streams, their chained decisions, the contents beside them, the daily seals, and attachments."""

import json
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import vault
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right, Role
from guildhall.foundation.records.states import AttachmentKind, chain_label


class Stream(models.Model):
    """A chain of decisions: of a round, a register, a fund. Its row is the lock that its writers queue at."""

    name = models.CharField(max_length=120, unique=True)
    head = models.CharField(max_length=64)
    length = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


def stream_names(most: int = 200) -> list[tuple[int, str]]:
    """The chains by name, for a filter."""
    return [(pk, chain_label(name)) for pk, name in Stream.objects.order_by("name").values_list("pk", "name")[:most]]


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions by scope."""

    def visible_to(self, user: User) -> Self:
        """An auditor reads all; the federation's officers and leaders all but what is sealed; everyone else none here.

        Domains show their own people a time line of their own, built from what each may see.
        """
        if user.may(Right.AUDIT):
            return self
        if user.holds(Role.FEDERATION_OFFICER, Role.LEADER):
            return self.filter(sealed=False)
        return self.none()

    def told(self) -> Self:
        """With stream and content, as a page shows them: one query."""
        return self.select_related("stream", "content")

    def pick(self, pk: int) -> "Decision":
        """The one entry; `NotHere` alike for a missing one and one out of scope."""
        row = self.told().filter(pk=pk).first()
        if row is None:
            raise NotHere
        return row


class Decision(models.Model):
    """One entry of a stream's chain. Triggers refuse UPDATE, DELETE and TRUNCATE."""

    stream = models.ForeignKey(Stream, models.PROTECT, related_name="decisions")
    number = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("实际时间"))
    business_at = models.DateTimeField(_("业务时间"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="decisions")
    actor_name = models.CharField(_("经办"), max_length=80)
    act = models.CharField(_("事项"), max_length=60)
    subject = models.CharField(_("对象"), max_length=120)
    key = models.UUIDField(null=True)
    sealed = models.BooleanField(_("仅审计可见"), default=False)
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ("stream", "number")
        indexes = [models.Index(fields=["subject"], name="decision_subject")]
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="decision_number"),
            models.UniqueConstraint(fields=["stream", "key"], condition=Q(key__isnull=False), name="decision_key"),
            models.CheckConstraint(condition=Q(number__gte=1), name="decision_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}/{self.number} {self.act}"

    @property
    def note(self) -> str:
        """What the actor wrote, or nothing once it is erased."""
        return self.content.opened(self)[2]

    @property
    def body(self) -> Any:
        """The content as it was recorded, or None once it is erased."""
        return None if self.content.erased_at else self.content.opened(self)[1]


class Content(models.Model):
    """What a decision says, beside the chain: it can be erased on lawful request and the chain still verifies.

    A sealed one keeps salt, body and note together encrypted, so that not even the digest can be guessed at.
    """

    decision = models.OneToOneField(Decision, models.PROTECT, primary_key=True, related_name="content")
    salt = models.CharField(max_length=32, blank=True)
    body = models.JSONField(null=True)
    note = models.TextField(blank=True)
    sealed = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(salt="", body=None, note="", sealed=""), name="content_erased_is_empty"
            ),
            models.CheckConstraint(
                condition=Q(sealed="") | Q(salt="", body=None, note=""), name="content_sealed_hides_all"
            ),
        ]

    def opened(self, decision: Decision) -> tuple[str, Any, str]:
        """Salt, body and note in the clear."""
        return open_content(decision.stream_id, decision.number, self.salt, self.body, self.note, self.sealed)


def place(stream: int, number: int) -> str:
    """What a sealed content is bound to."""
    return f"records.content/{stream}/{number}"


def open_content(stream: int, number: int, salt: str, body: object, note: str, sealed: str) -> tuple[str, Any, str]:
    """Salt, body and note, unsealed where they are sealed. Raises `vault.Unreadable` for a value from elsewhere."""
    if not sealed:
        return salt, body, note
    salt, body, note = json.loads(vault.unseal(sealed, place(stream, number)))
    return salt, body, note


class Seal(models.Model):
    """A day's Merkle root over all heads, in a chain of its own. Triggers refuse UPDATE, DELETE and TRUNCATE."""

    day = models.DateField(_("日期"), unique=True)
    number = models.PositiveIntegerField(_("封签号"), unique=True)
    at = models.DateTimeField()
    root = models.CharField(max_length=64)
    heads = models.JSONField()
    """`[stream, length, hash]` of every stream, by name."""
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return self.printed

    @property
    def printed(self) -> str:
        """What a public notice prints, and `verify` takes: number, day and hash."""
        return f"{self.number}:{self.day.isoformat()}:{self.hash}"


class Verification(models.Model):
    """What a verification found, and when: a clean one has no findings."""

    at = models.DateTimeField()
    entries = models.PositiveBigIntegerField(default=0)
    ok = models.BooleanField()
    findings = models.JSONField(default=list)
    seal = models.ForeignKey(Seal, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at",)
        get_latest_by = "at"


class Attachment(models.Model):
    """Evidence or a document: its facts here, its bytes in a file outside the web root under a random name.

    Who may read one is the owner's rule: it reaches the file through a row the reader may see.
    """

    name = models.CharField(_("文件名"), max_length=160)
    kind = models.CharField(_("类型"), max_length=4, choices=AttachmentKind)
    size = models.PositiveBigIntegerField(_("大小"))
    digest = models.CharField(_("SM3 摘要"), max_length=64)
    path = models.CharField(max_length=80, unique=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="attachments")
    """None for what the public hands in with an objection."""
    uploaded_at = models.DateTimeField(_("上传时间"))
    stream = models.CharField(_("记录链"), max_length=120, blank=True)
    subject = models.CharField(_("属于"), max_length=120)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["subject"], name="attachment_subject")]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty")]

    def __str__(self) -> str:
        return self.name
