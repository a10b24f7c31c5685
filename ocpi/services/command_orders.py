"""What each command of a partner becomes: an order to one of our charge points (OCPI 2.2.1 §13.3).

A partner commands its own drivers' sessions and reservations only; of others it learns nothing.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db.models import Q

from central.models import ChargePointStatus, Connector, Evse, IdToken, Reservation, Session
from central.models.session import SessionState
from central.ports import ProviderAnswer
from central.services.provider_answers import provider_answer_keep
from ocpi.core.errors import ParametersInvalid
from ocpi.core.ownership import PROVIDERS, owner_of
from ocpi.models import Partner, ReceivedCommand
from ocpi.models.command import ACCEPTED
from ocpi.selectors.partners import known_parties
from ocpi.selectors.places import Place, charge_points_at, place_of
from ocpi.services.received_commands import Act, Asked, Ordered, Refused, place_order
from ocpi.services.received_tokens import token_for_order
from registry.models import ChargePoint

LOCATION_UNKNOWN: Final = 2003
RESERVE: Final = "RESERVE_NOW"


def session_of(partner: Partner, session_id: str) -> Session:
    """The session of one of the partner's drivers. Raises Refused (UNKNOWN_SESSION, REJECTED)."""
    try:
        uid = UUID(session_id)
    except ValueError as error:
        raise Refused("UNKNOWN_SESSION", "This session is not known.") from error
    named = Q(uid=uid, reserved=None) | Q(reserved__uid=uid)
    rows = Session.objects.filter(named, organization_id=partner.organization_id)
    found = rows.filter(id_token__party__in=known_parties(partner)).select_related("charge_point").first()
    if found is None:
        raise Refused("UNKNOWN_SESSION", "This session is not known.")
    if found.state != SessionState.ACTIVE and not found.provisional_end:
        raise Refused("REJECTED", "This session has ended.")
    return found


def start_session(asked: Asked) -> Ordered:
    """START_SESSION: a remote start for the token, which is not checked (§13.3.5)."""
    if asked.body.get("connector_id") and not asked.body.get("evse_uid"):
        raise ParametersInvalid("connector_id needs its evse_uid.", {"evse_uid": "is missing"})
    place = _place(asked)
    token = _token(asked, place.charge_point)
    params = {"id_tag": token.uid, "evse_number": place.evse_number}
    command = place_order(asked, place.charge_point, "remote_start", params)
    _grant(asked, place.charge_point, token)
    return Ordered(command)


def stop_session(asked: Asked) -> Ordered:
    """STOP_SESSION: a remote stop of a session of the partner's driver."""
    session = session_of(asked.partner, asked.body["session_id"])
    command = place_order(asked, session.charge_point, "remote_stop", {"session": str(session.uid)})
    return Ordered(command, session=session)


def unlock_connector(asked: Asked) -> Ordered:
    """UNLOCK_CONNECTOR: not while somebody else's driver charges there."""
    place = _place(asked)
    connector = str(asked.body["connector_id"])
    number = int(connector) if connector.isascii() and connector.isdecimal() and len(connector) < 6 else 0
    if not number:
        raise Refused("REJECTED", "This connector is not known.", LOCATION_UNKNOWN)
    running = Session.objects.filter(
        charge_point=place.charge_point, evse_number=place.evse_number or 0, state=SessionState.ACTIVE
    )
    if running.exclude(id_token__party__in=known_parties(asked.partner)).exists():
        raise Refused("REJECTED", "Another driver charges there.")
    params = {"evse_number": place.evse_number, "connector_number": number if number > 1 else None}
    return Ordered(place_order(asked, place.charge_point, "unlock", params))


def reserve_now(asked: Asked) -> Ordered:
    """RESERVE_NOW: our own number at the charge point; the partner's id again replaces it (§13.3.3)."""
    if asked.body["expiry_date"] <= asked.now:
        raise ParametersInvalid("expiry_date has passed.", {"expiry_date": "has passed"})
    place = _place(asked)
    token = _token(asked, place.charge_point)
    key = reservation_key(asked)
    held = _reserved(asked.partner, key)
    again = held if held and held.charge_point_id == place.charge_point.pk else None
    params = {
        "id_tag": token.uid,
        "expires_at": asked.body["expiry_date"].isoformat(),
        "evse_number": place.evse_number,
        "reservation_id": again.number if again else None,
    }
    command = place_order(asked, place.charge_point, "reserve", params)
    _grant(asked, place.charge_point, token)
    number = command.params.get("reservation_id")
    row = place.charge_point.reservations.filter(number=number).first()
    return Ordered(command, reservation=row, reservation_key=key)


def cancel_reservation(asked: Asked) -> Ordered:
    """CANCEL_RESERVATION of a reservation that this partner made; of others it is told nothing."""
    key = reservation_key(asked)
    reservation = _reserved(asked.partner, key)
    if reservation is None:
        raise Refused("REJECTED", "This reservation is not known.")
    params = {"reservation_id": reservation.number}
    command = place_order(asked, reservation.charge_point, "reservation_cancel", params)
    return Ordered(command, reservation=reservation, reservation_key=key)


ACTS: Final[Mapping[str, Act]] = {
    "START_SESSION": start_session,
    "STOP_SESSION": stop_session,
    "UNLOCK_CONNECTOR": unlock_connector,
    RESERVE: reserve_now,
    "CANCEL_RESERVATION": cancel_reservation,
}
"""CommandType -> what it becomes."""


def reservation_key(asked: Asked) -> str:
    """The partner's reservation id, compared without case; a number in 2.1.1."""
    return str(asked.body["reservation_id"]).upper()


def _reserved(partner: Partner, key: str) -> Reservation | None:
    """The reservation that the partner's id means: the latest under it."""
    rows = ReceivedCommand.objects.filter(
        partner=partner, kind=RESERVE, reservation_key=key, response=ACCEPTED, reservation__isnull=False
    )
    row = rows.select_related("reservation__charge_point").order_by("-id").first()
    return row.reservation if row else None


def _place(asked: Asked) -> Place:
    """Where the command goes. Raises Refused with 2003 for a place that we do not have."""
    found = charge_points_at(asked.partner.organization_id, asked.body["location_id"])
    if not found:
        raise Refused("REJECTED", "This location is not known.", LOCATION_UNKNOWN)
    evse_uid = asked.body.get("evse_uid")
    place = place_of(found, evse_uid) if evse_uid else _any_of(found)
    if place is None or not _is_there(place):
        raise Refused("REJECTED", "This EVSE is not known.", LOCATION_UNKNOWN)
    return place


def _is_there(place: Place) -> bool:
    """False for an EVSE that the charge point has not; one that told of none yet may have any."""
    known = Evse.objects.filter(charge_point=place.charge_point)
    return place.evse_number is None or not known.exists() or known.filter(number=place.evse_number).exists()


def _any_of(charge_points: list[ChargePoint]) -> Place:
    """Any EVSE: of the only charge point it chooses itself, of several one that says it is free."""
    if len(charge_points) == 1:
        return Place(charge_points[0], None)
    free = Connector.objects.filter(
        charge_point__in=charge_points, charge_point__live__connection_id__isnull=False, status="Available"
    ).select_related("evse", "charge_point")
    connector = free.order_by("charge_point__cp_id", "evse__number").first()
    if connector is None:
        raise Refused("REJECTED", "No EVSE is free here.")
    by_key = {charge_point.pk: charge_point for charge_point in charge_points}
    return Place(by_key[connector.charge_point_id], connector.evse.number)


def _token(asked: Asked, charge_point: ChargePoint) -> IdToken:
    """The driver's token as the charge point may know it. Raises ParametersInvalid (2001) for others'."""
    token = asked.body["token"]
    owner = owner_of(asked.partner, asked.version, token, PROVIDERS)
    versions = ChargePointStatus.objects.filter(charge_point=charge_point)
    version = versions.values_list("ocpp_version", flat=True).first() or ""
    return token_for_order(partner=asked.partner, owner=owner, token=token, ocpp_version=version)


def _grant(asked: Asked, charge_point: ChargePoint, token: IdToken) -> None:
    """The provider has authorised it: nobody is asked there for a while, and the reference is kept."""
    reference = str(asked.body.get("authorization_reference") or "")
    provider_answer_keep(
        organization_id=charge_point.organization_id,
        charge_point_id=charge_point.pk,
        id_token_id=token.pk,
        answer=ProviderAnswer("Accepted", "ALLOWED", reference),
        by_order=True,
        now=asked.now,
    )
