"""Drivers' preferences from partners: answered by what EVSE and tariffs can do (OCPI 2.2.1 §9.2.1.2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from billing.selectors.tariffs_in_force import session_asked, tariff_at
from billing.services.session_ratings import session_ratings_renew
from central.models import ChargePointStatus, Connector, Session
from central.models.charging_preference import Preference
from central.services.charging_preferences import ACCEPTED, NOT_POSSIBLE, Outlet, Wish, preference_set
from emobility.lib.errors import Conflict
from ocpi.core.capabilities import PREFERENCES, capabilities_of
from ocpi.core.errors import ObjectUnknown, ParametersInvalid
from ocpi.core.plugs import plug
from ocpi.models import Partner
from ocpi.selectors.smart_charging import can_limit
from ocpi.services.command_orders import session_of
from ocpi.services.received_commands import Refused

PHASES: Final[Mapping[str, int]] = {"AC_1_PHASE": 1, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3}
MOST_KWH: Final = Decimal(10_000)


class NotCapable(ObjectUnknown):
    """The EVSE takes no preferences: HTTP 404 with 2001 (OCPI 2.2.1 §9.4.1)."""

    status_code = 2001


def preferences_receive(
    *, partner: Partner, session_id: str, wanted: Mapping[str, Any], now: datetime
) -> str:
    """Keep and carry out what a driver wants; answers a ChargingPreferencesResponse.

    Raises ObjectUnknown for a session that is not the partner's, NotCapable where its EVSE takes none.
    """
    energy = wanted.get("energy_need")
    if energy is not None and not 0 <= energy <= MOST_KWH:
        raise ParametersInvalid("energy_need is no amount of energy.", {"energy_need": "is out of range"})
    try:
        session = session_of(partner, session_id)
    except Refused as refused:
        if refused.response == "UNKNOWN_SESSION":
            raise ObjectUnknown(refused.message) from refused
        return NOT_POSSIBLE
    able = can_limit(session.charge_point_id) is True
    if PREFERENCES not in capabilities_of(session.charge_point, session.evse_number, smart=able):
        raise NotCapable("This EVSE takes no charging preferences.")
    wish = Wish(
        profile_type=wanted["profile_type"],
        departure_at=wanted.get("departure_time"),
        energy_wh=None if energy is None else round(energy * 1000),
        discharge_allowed=bool(wanted.get("discharge_allowed")),
    )
    return _set(session, wish, str(partner), now)


def _set(session: Session, wish: Wish, told_by: str, now: datetime) -> str:
    before = session.charging_preference
    try:
        with transaction.atomic():
            outlet = _outlet(session, wish)
            row = preference_set(session=session, wish=wish, outlet=outlet, told_by=told_by, now=now)
            session.refresh_from_db()
            if row.status == ACCEPTED and session.charging_preference != before:
                session_ratings_renew(sessions=[session])
    except Conflict:
        return NOT_POSSIBLE  # the charge point takes no more orders
    return row.status


def _outlet(session: Session, wish: Wish) -> Outlet:
    """Power, phases and price where the session is."""
    number = session.connector_number or 1
    connector = Connector.objects.filter(
        charge_point=session.charge_point_id, evse__number=session.evse_number, number=number
    ).first()
    power = connector.max_power_w if connector else None
    known = plug(session.charge_point, session.evse_number, number, power)
    versions = ChargePointStatus.objects.filter(charge_point=session.charge_point_id)
    return Outlet(
        max_power_w=known["max_electric_power"],
        phases=PHASES.get(known["power_type"], 0),
        has_tariff=_has_tariff(session, wish.profile_type),
        ocpp_version=versions.values_list("ocpp_version", flat=True).first() or "",
    )


def _has_tariff(session: Session, profile_type: str) -> bool:
    """Every profile type that is supported has a tariff of its own (OCPI 2.2.1 §9.3.2)."""
    if profile_type == Preference.REGULAR:
        return True
    kind = f"PROFILE_{profile_type}"
    version = tariff_at(replace(session_asked(session), kind=kind))
    return version is not None and version.tariff_type == kind
