"""Telling people, and letting what they are told leave the house."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone, translation

from guildhall.foundation import clock
from guildhall.foundation.messages.models import Delivery, Message
from guildhall.foundation.messages.rules import TEMPLATES
from guildhall.foundation.organisations.models import User


@transaction.atomic
def tell(template: str, to: Iterable[User], *, url: str = "", once: str | None = None, **facts: object) -> int:
    """Tell each of `to` something, in the workbench and by SMS and e-mail; returns how many were told.

    `once` names the occasion: a person told of it before is not told again. Leaves the house after the commit.
    """
    people = list(User.objects.filter(pk__in=[user.pk for user in to]).select_related("person"))
    at = clock.now()
    before = set(Message.objects.filter(once=once, to__in=people).values_list("to_id", flat=True)) if once else set()
    rows = [
        Message(to=user, template=template, facts=facts, url=url, at=at, once=once)
        for user in people
        if user.pk not in before
    ]
    Message.objects.bulk_create(rows)
    if TEMPLATES[template].sms:
        ways = ((Delivery.Channel.SMS, "phone"), (Delivery.Channel.EMAIL, "email"))
        Delivery.objects.bulk_create(
            Delivery(message=row, channel=channel, address=address)
            for row in rows
            for channel, field in ways
            if (address := getattr(row.to.person, field))
        )
    return len(rows)


def deliver(limit: int = 500) -> int:
    """Hand waiting deliveries to their adapters; returns how many went out. A failed one stays and says why.

    Without an adapter (e-mail has one where `EMAIL_HOST` is set, SMS none yet) a delivery counts as sent once it stands
    in the outbox.
    """
    sent = 0
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).order_by("pk")  # What waits longest goes first.
    for pk in waiting.values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            row = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if row is None or row.state != Delivery.State.WAITING:
                continue
            sent += _hand_over(row)
    return sent


def _hand_over(row: Delivery) -> bool:
    with translation.override(settings.LANGUAGE_CODE):
        text = row.message.title
    try:
        if row.channel == Delivery.Channel.EMAIL and settings.EMAIL_ADAPTER:
            send_mail(" ".join(text.split())[:60], text, None, [row.address])
    except (OSError, ValueError) as error:  # Not taken by the server; an address that can stand in no header.
        row.state, row.error = Delivery.State.FAILED, str(error)[:200]
    else:
        row.state, row.sent_at = Delivery.State.SENT, timezone.now()
    row.save(update_fields=["state", "sent_at", "error"])
    return row.state == Delivery.State.SENT


@transaction.atomic
def mark_read(user: User) -> int:
    """Mark all a person's messages as read."""
    return Message.objects.visible_to(user).filter(read_at=None).update(read_at=clock.now())
