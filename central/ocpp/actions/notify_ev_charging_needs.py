"""NotifyEVChargingNeeds: what a car asks for by ISO 15118 (2.x K15, K17; 2.1 K18-K20, Q01)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.numbers import whole
from central.ocpp.router import action
from central.ocpp.vocabulary import format_time, parse_time
from central.services.charging_needs import Told, needs_record

REFUSALS = {"2.0.1": "Rejected", "2.1": "NoChargingProfile"}
"""In 2.1 Rejected means that the kind of energy transfer is not possible (§3.70)."""


@action("NotifyEVChargingNeeds", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the needs; the status says whether a profile will come."""
    needs = request["chargingNeeds"]
    at = parse_time(request["timestamp"]) if "timestamp" in request else ctx.now
    told = Told(ctx.organization_id, ctx.charge_point_id, whole(request["evseId"], "evseId", 0), at)
    status = needs_record(
        told=told,
        needs=needs,
        departure_at=parse_time(needs["departureTime"]) if "departureTime" in needs else None,
        most_periods=request.get("maxScheduleTuples"),
        start_text=format_time(ctx.now),
        refusal=REFUSALS[ctx.version],
        now=ctx.now,
    )
    return {"status": status}
