"""Hears of sessions and CDRs and puts them into the outbox; a bell that is missed is found by the sweep."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from billing.signals import cdr_created
from central.signals import session_ended, session_started, session_updated
from ocpi.modules.cdrs.sealing import cdr_seal
from ocpi.services.outbox import session_offer
from ocpi.tasks import poke


@receiver([session_started, session_updated, session_ended], dispatch_uid="ocpi.session_changed")
def session_changed(session_id: int, **_: Any) -> None:
    """Tell the partner whose token a session has."""
    _poke(session_offer(session_id=session_id, now=timezone.now()))


@receiver(cdr_created, dispatch_uid="ocpi.cdr_made")
def cdr_made(cdr_id: int, **_: Any) -> None:
    """Seal the CDR and send it to the partner whose token was used."""
    _poke(cdr_seal(cdr_id=cdr_id, now=timezone.now()))


def _poke(partners: Iterable[int]) -> None:
    for partner_id in partners:
        poke(partner_id)
