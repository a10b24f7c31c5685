"""MeterValues: readings of a transaction (1.6 §4.7) or of a place (2.x J01)."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import connector_in_range, evse_of_connector, readings
from central.services.meter_values import MeterReport, meter_values_record

Calls = Sequence[tuple[Context, dict[str, Any]]]


@action("MeterValues", versions=("1.6",), many=True)
def handle_many_1_6(calls: Calls) -> Sequence[dict[str, Any]]:
    """With their session where a transaction is named, else with the connector."""
    meter_values_record([_report_1_6(ctx, request) for ctx, request in calls])
    return [{} for _ in calls]


@action("MeterValues", versions=("2.0.1", "2.1"), many=True)
def handle_many_2(calls: Calls) -> Sequence[dict[str, Any]]:
    """Readings of an EVSE outside of transactions: those of a transaction come with TransactionEvent."""
    meter_values_record([_report_2(ctx, request) for ctx, request in calls])
    return [{} for _ in calls]


def _report_1_6(ctx: Context, request: dict[str, Any]) -> MeterReport:
    connector, number = request["connectorId"], request.get("transactionId")
    evse_number, connector_number = evse_of_connector(connector if connector_in_range(connector) else 0)
    return MeterReport(
        charge_point_id=ctx.charge_point_id,
        evse_number=evse_number,
        connector_number=connector_number,
        transaction_id=None if number is None else str(number),
        readings=readings(request["meterValue"]),
        payload=request,
        now=ctx.now,
    )


def _report_2(ctx: Context, request: dict[str, Any]) -> MeterReport:
    evse = int(request["evseId"])
    return MeterReport(
        charge_point_id=ctx.charge_point_id,
        evse_number=evse if connector_in_range(evse) else 0,
        connector_number=0,
        transaction_id=None,
        readings=readings(request["meterValue"]),
        payload=request,
        now=ctx.now,
        of_session=False,
    )
