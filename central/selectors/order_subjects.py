"""What an order speaks of: sessions, reservations, profiles, places, by our ids and by OCPP's."""

from typing import Any

from central.models import ChargingProfile, Command, Connector, Reservation, Session

REMOTE_START = "remote_start"


def subjects_of(command: Command) -> dict[str, Any]:
    """Both sides' ids of what the command names, or has led to; None where it names no such thing."""
    params, point = command.params, command.charge_point_id
    session = _session(command)
    reservation = _numbered(Reservation, point, params.get("reservation_id"))
    profile = _numbered(ChargingProfile, point, params.get("profile_id"))
    return {
        "session": session.uid if session else None,
        "transaction_id": session.transaction_id if session else params.get("transaction_id"),
        "reservation": reservation,
        "reservation_id": params.get("reservation_id"),
        "profile": profile,
        "profile_id": params.get("profile_id"),
        **_place(point, params),
    }


def _session(command: Command) -> Session | None:
    """The session that it names, or that its start led to."""
    params = command.params
    sessions = Session.objects.filter(charge_point=command.charge_point_id)
    handle = params.get("transaction_id") or params.get("transaction")
    if handle:
        return sessions.filter(transaction_id=str(handle)).first()
    if command.order == REMOTE_START:
        return sessions.filter(remote_start_id=command.pk).first()
    return None


def _numbered(model: Any, charge_point_id: int, number: Any) -> int | None:
    """Our id of the row that OCPP knows by this number."""
    if not isinstance(number, int):
        return None
    rows = model.objects.filter(charge_point=charge_point_id, number=number).order_by("-pk")
    found: int | None = rows.values_list("pk", flat=True).first()
    return found


def _place(charge_point_id: int, params: dict[str, Any]) -> dict[str, Any]:
    evse, number = params.get("evse_number"), params.get("connector_number")
    if not isinstance(evse, int) or not evse:
        return {"connector": None, "evse_id": None, "connector_id": number}
    rows = Connector.objects.filter(charge_point=charge_point_id, evse__number=evse)
    row = rows.filter(number=number or 1).values_list("pk", flat=True).first()
    return {"connector": row, "evse_id": evse, "connector_id": number or 1}
