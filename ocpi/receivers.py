"""Hears of sessions and CDRs and puts them into the outbox; a bell that is missed is found by the sweep."""

from collections.abc import Iterable, Set
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from billing.signals import cdr_created, cdr_released
from central.signals import (
    charge_point_changed,
    charging_limits_changed,
    command_finished,
    connector_changed,
    reservation_changed,
    session_ended,
    session_started,
    session_updated,
    tokens_changed,
)
from emobility.lib import bell
from ocpi.modules.cdrs.sealing import cdr_seal
from ocpi.selectors.own_places import roaming_organizations
from ocpi.services.outbox import sessions_offer
from ocpi.services.profile_orders import active_profiles_ask, active_profiles_at
from ocpi.services.published import places_of_reservations, places_of_sessions, places_of_sites
from ocpi.services.received_commands import commands_settle
from ocpi.services.reservations_told import reservations_told
from ocpi.services.reserved_sessions import reserved_keep, sessions_tie
from ocpi.services.token_offers import tokens_offer
from ocpi.tasks import poke, poke_places
from registry.signals import (
    charge_point_placed,
    charge_point_registered,
    charge_point_revoked,
    site_changed,
)


@bell.gathers([session_started, session_updated, session_ended], "session_id", seconds=0.5)
def sessions_changed(session_ids: Set[int]) -> None:
    """Tell the partners whose tokens sessions have, of all sessions together: most belong to no partner."""
    now = timezone.now()
    sessions_tie(session_ids=session_ids, now=now)
    _poke(sessions_offer(session_ids=session_ids, now=now))


@bell.gathers([tokens_changed], "organization_id", seconds=0.5)
def own_tokens_changed(organization_ids: Set[int]) -> None:
    """Tell the partners what changed of our drivers' tokens."""
    _poke(tokens_offer(now=timezone.now()))


@bell.gathers(
    [
        connector_changed,
        charge_point_changed,
        charge_point_placed,
        charge_point_registered,
        charge_point_revoked,
    ],
    "charge_point_id",
    seconds=1.0,
)
def places_changed(charge_point_ids: Set[int]) -> None:
    """Look at the places again, where there is a partner to tell."""
    _look(charge_point_ids)


@bell.gathers([site_changed], "site_id", seconds=1.0)
def sites_changed(site_ids: Set[int]) -> None:
    """Address, hours, parking places, or who may know of a site."""
    _look(places_of_sites(site_ids))


@bell.gathers([session_started, session_ended], "session_id", seconds=1.0)
def places_in_use(session_ids: Set[int]) -> None:
    """An EVSE charges, or no longer."""
    _look(places_of_sessions(session_ids))


@bell.gathers([reservation_changed], "reservation_id", seconds=1.0)
def places_reserved(reservation_ids: Set[int]) -> None:
    """An EVSE is kept for somebody, or no longer."""
    _look(places_of_reservations(reservation_ids))


@bell.gathers([reservation_changed], "reservation_id", seconds=0.2)
def partners_reservations(reservation_ids: Set[int]) -> None:
    """A partner's reservation is a session for it, and may be given back without its asking."""
    now = timezone.now()
    _poke(reservations_told(reservation_ids=reservation_ids, now=now))
    _poke(reserved_keep(reservation_ids=reservation_ids, now=now))


@bell.gathers([command_finished], "command_id", seconds=0.05)
def orders_ended(command_ids: Set[int]) -> None:
    """Tell partners what became of their commands; have active profiles looked at where others set limits."""
    now = timezone.now()
    _poke(commands_settle(command_ids=command_ids, now=now))
    active_profiles_ask(command_ids=command_ids, now=now)


@bell.gathers([charging_limits_changed], "charge_point_id", seconds=0.5)
def limits_changed(charge_point_ids: Set[int]) -> None:
    """Have the plans of sessions looked at whose partner set a profile."""
    active_profiles_at(charge_point_ids=charge_point_ids, now=timezone.now())


def _look(charge_point_ids: Set[int]) -> None:
    if charge_point_ids and roaming_organizations().exists():
        poke_places(charge_point_ids)


@receiver([cdr_created, cdr_released], dispatch_uid="ocpi.cdr_made")
def cdr_made(cdr_id: int, **_: Any) -> None:
    """Seal the CDR and send it to the partner whose token was used."""
    _poke(cdr_seal(cdr_id=cdr_id, now=timezone.now()))


def _poke(partners: Iterable[int]) -> None:
    for partner_id in partners:
        poke(partner_id)
