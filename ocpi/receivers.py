"""Hears of sessions and CDRs and puts them into the outbox; a bell that is missed is found by the sweep."""

from collections.abc import Iterable, Set
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from billing.signals import cdr_created, cdr_released
from central.signals import session_ended, session_started, session_updated, tokens_changed
from emobility.lib import bell
from ocpi.modules.cdrs.sealing import cdr_seal
from ocpi.services.outbox import sessions_offer
from ocpi.services.token_offers import tokens_offer
from ocpi.tasks import poke


@bell.gathers([session_started, session_updated, session_ended], "session_id", seconds=0.5)
def sessions_changed(session_ids: Set[int]) -> None:
    """Tell the partners whose tokens sessions have, of all sessions together: most belong to no partner."""
    _poke(sessions_offer(session_ids=session_ids, now=timezone.now()))


@bell.gathers([tokens_changed], "organization_id", seconds=0.5)
def own_tokens_changed(organization_ids: Set[int]) -> None:
    """Tell the partners what changed of our drivers' tokens."""
    _poke(tokens_offer(now=timezone.now()))


@receiver([cdr_created, cdr_released], dispatch_uid="ocpi.cdr_made")
def cdr_made(cdr_id: int, **_: Any) -> None:
    """Seal the CDR and send it to the partner whose token was used."""
    _poke(cdr_seal(cdr_id=cdr_id, now=timezone.now()))


def _poke(partners: Iterable[int]) -> None:
    for partner_id in partners:
        poke(partner_id)
