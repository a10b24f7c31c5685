"""Tickets for live sockets: 256 random bits, good once and for half a minute, kept as digest."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from emobility.lib.errors import Unauthenticated
from registry.models import SocketTicket, User

LIFE: Final = timedelta(seconds=30)
LONGEST: Final = 64


class BadTicket(Unauthenticated):
    """The ticket is unknown, used up or too old: one text for all."""

    def __init__(self) -> None:
        super().__init__(_("The ticket is not valid."))


def ticket_issue(*, user: User, now: datetime) -> tuple[str, datetime]:
    """A new ticket for a person or service account, and when it expires; old ones of everybody go."""
    ticket = secrets.token_urlsafe(32)
    expires_at = now + LIFE
    SocketTicket.objects.filter(expires_at__lt=now).delete()
    SocketTicket.objects.create(digest=_digest(ticket), user=user, expires_at=expires_at)
    return ticket, expires_at


def ticket_use(*, ticket: str, now: datetime) -> tuple[User, datetime]:
    """Use a ticket up, and when it was made; of two who show the same one only one is let in.

    Raises BadTicket.
    """
    with transaction.atomic():
        row = SocketTicket.objects.filter(digest=_digest(ticket[:LONGEST])).select_related("user").first()
        if row is None or not SocketTicket.objects.filter(pk=row.pk).delete()[0]:
            raise BadTicket
    if row.expires_at <= now or not row.user.is_active:
        raise BadTicket
    return row.user, row.expires_at - LIFE


def _digest(ticket: str) -> str:
    """It is random: a plain digest tells nothing of it."""
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
