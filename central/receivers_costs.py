"""What displays hear of sessions: what they cost so far, what they came to, by which tariff. Gathered."""

from collections.abc import Set
from typing import Any

from django.dispatch import receiver

from central.ocpp.tariff_keeping import session_tariffs_keep, tariffs_keep
from central.services.cost_displays import costs_show, final_costs_show, user_price_show
from central.services.display_reads import displays_ask
from central.signals import (
    charge_point_booted,
    session_ended,
    session_started,
    session_updated,
    token_accepted,
)
from emobility.lib.bell import gathers
from emobility.lib.clock import utc_now

SECONDS = 1.0


@gathers([session_updated], "session_id", SECONDS)
def sessions_moved(session_ids: Set[int]) -> None:
    """The displays of running sessions show what they cost now."""
    costs_show(session_ids=session_ids, now=utc_now())


@gathers([session_ended], "session_id", SECONDS)
def sessions_over(session_ids: Set[int]) -> None:
    """The displays of 1.6 charge points show what sessions came to."""
    final_costs_show(session_ids=session_ids, now=utc_now())


@receiver(token_accepted, dispatch_uid="central.show_user_price")
def token_was_shown(charge_point_id: int, id_token_id: int, **_: Any) -> None:
    """The display shows what charging costs who has just shown a tag."""
    user_price_show(charge_point_id=charge_point_id, id_token_id=id_token_id, now=utc_now())


@gathers([charge_point_booted], "charge_point_id", SECONDS)
def charge_points_booted(charge_point_ids: Set[int]) -> None:
    """A charge point that calculates has the tariff in force."""
    tariffs_keep(charge_point_ids=charge_point_ids, now=utc_now())


@gathers([charge_point_booted], "charge_point_id", SECONDS)
def displays_unknown(charge_point_ids: Set[int]) -> None:
    """A charge point is asked whether it shows prices, a few of them each second."""
    waiting = displays_ask(charge_point_ids=charge_point_ids, now=utc_now())
    if waiting:
        displays_unknown.add(*waiting)


@gathers([session_started], "session_id", SECONDS)
def sessions_began(session_ids: Set[int]) -> None:
    """A session is calculated by the tariff that prices it."""
    session_tariffs_keep(session_ids=session_ids, now=utc_now())
