"""What a person was told, and by which ways it went out."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.messages.rules import TEMPLATES
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.vault import SealedTextField


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by reader."""

    def visible_to(self, user: User) -> Self:
        """A person's own messages, and nobody else's."""
        return self.filter(to=user)


class Message(models.Model):
    """One thing one person was told: a template's key and its facts, worded in the reader's language when shown."""

    to = models.ForeignKey(User, models.CASCADE, related_name="told")
    template = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))
    once = models.CharField(max_length=120, null=True)
    """What makes it one message however often it is asked for: a reminder is sent once."""
    read_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=["to", "-at"], name="message_to")]
        constraints = [models.UniqueConstraint(fields=["to", "once"], name="message_once")]

    @property
    def title(self) -> str:
        """The sentence, in the reader's language."""
        return TEMPLATES[self.template].worded(self.facts)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by reader."""

    def visible_to(self, user: User) -> Self:
        """The whole outbox for a federation officer, nothing for others."""
        return self.all() if user.holds(Role.FEDERATION_OFFICER) else self.none()


class Delivery(models.Model):
    """A message on its way out of the house, by SMS or e-mail."""

    class Channel(models.TextChoices):
        """The ways out."""

        SMS = "sms", _("短信")
        EMAIL = "email", _("邮件")

    class State(models.TextChoices):
        """How far it came."""

        WAITING = "waiting", _("待发")
        SENT = "sent", _("已发")
        FAILED = "failed", _("未发出")

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("方式"), max_length=5, choices=Channel)
    address = SealedTextField(_("号码或邮箱"), context="delivery.address")
    state = models.CharField(_("状态"), max_length=7, choices=State, default=State.WAITING)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    error = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
