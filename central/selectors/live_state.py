"""What live sockets tell of charge points: state, connectors and running sessions, ready for JSON.

Times are moments (ISO 8601), never ages: what nobody changed reads the same at the next look.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from central.models import Session
from central.models.session import SessionState
from central.selectors.overview import for_display, power_now, state_since, with_state
from registry.models import ChargePoint
from registry.models.charge_point import RegistrationStatus

CHUNK: Final = 500
"""Charge points of one round of statements, and of one part of a snapshot."""
Costs = Callable[[Sequence[int]], Mapping[int, Any]]
"""What running sessions cost by key: the port `running_cost`."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose rows are told: one organisation's, or everybody's."""

    organization_id: int | None
    sites_held: frozenset[int] | None = None
    """A host's sites."""

    @property
    def sees_all(self) -> bool:
        """True for the platform's audience."""
        return self.organization_id is None


def charge_points_live(
    audience: Audience, charge_point_ids: Collection[int] | None, costs_of: Costs
) -> dict[int, dict[str, Any]]:
    """The live state of an audience's charge points (of all, or of some) by key; deregistered ones miss."""
    rows = ChargePoint.objects.visible_to(audience).exclude(status=RegistrationStatus.DEREGISTERED)
    found: dict[int, dict[str, Any]] = {}
    for chunk in _chunks(rows, charge_point_ids):
        points = list(for_display(with_state(rows.filter(pk__in=chunk))))
        running = [session.pk for point in points for session in point.running]
        costs = costs_of(running) if running else {}
        found.update({point.pk: _told(point, costs) for point in points})
    return found


def sessions_ended(audience: Audience, session_ids: Collection[int], costs_of: Costs) -> list[dict[str, Any]]:
    """Of these sessions those that have ended, with what they came to."""
    ended = Session.objects.visible_to(audience).filter(state=SessionState.ENDED)
    rows: list[Session] = []
    ids = sorted(session_ids)
    for start in range(0, len(ids), CHUNK):
        chunk = ended.filter(pk__in=ids[start : start + CHUNK])
        rows.extend(chunk.select_related("charge_point").order_by("pk"))
    costs = costs_of([session.pk for session in rows]) if rows else {}
    return [
        session_told(session, costs.get(session.pk))
        | {
            "charge_point": session.charge_point.cp_id,
            "ended_at": moment(session.ended_at),
            "stop_reason": session.stop_reason,
        }
        for session in rows
    ]


def session_told(session: Session, cost: Any) -> dict[str, Any]:
    """A session without what only a few may know: no tag."""
    return {
        "uid": str(session.uid),
        "evse": session.evse_number,
        "connector": session.connector_number,
        "state": session.state,
        "started_at": moment(session.started_at),
        "energy_wh": session.energy_wh,
        "power_w": session.power_w,
        "state_of_charge": session.state_of_charge,
        "cost": cost
        and {
            "amount_excl": str(cost.amount_excl),
            "amount_incl": str(cost.amount_incl),
            "currency": cost.currency,
        },
    }


def moment(value: datetime | None) -> str | None:
    """A time as JSON tells it."""
    return value.isoformat().replace("+00:00", "Z") if value else None


def _chunks(rows: QuerySet[ChargePoint], ids: Collection[int] | None) -> Iterable[Sequence[int]]:
    wanted = sorted(ids if ids is not None else rows.order_by().values_list("pk", flat=True))
    return (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))


def _told(point: Any, costs: Mapping[int, Any]) -> dict[str, Any]:
    live = getattr(point, "live", None)
    return {
        "charge_point": point.cp_id,
        "location": point.location,
        "site": point.site and point.site.name,
        "state": point.state,
        "since": moment(state_since(point)),
        "connected": bool(live and live.is_online),
        "ocpp_version": live.ocpp_version if live else "",
        "error_code": live.error_code if live else "",
        "monitor": live.monitor_state if live else "",
        "power_w": power_now(point),
        "connectors": [
            {
                "evse": plug.evse.number,
                "connector": plug.number,
                "status": plug.status,
                "since": moment(plug.status_at),
                "error_code": plug.error_code,
            }
            for plug in point.connectors.all()
        ],
        "sessions": [session_told(session, costs.get(session.pk)) for session in point.running],
    }
