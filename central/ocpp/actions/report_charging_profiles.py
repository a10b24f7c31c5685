"""ReportChargingProfiles: what is installed at a charge point, whoever installed it (2.x K09)."""

from typing import Any

from central.ocpp.charging import profile_number, profile_read
from central.ocpp.context import Context
from central.ocpp.numbers import whole
from central.ocpp.router import action
from central.services.profile_reports import report_receive


@action("ReportChargingProfiles", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep each profile, asked for or not; the answer is empty."""
    evse_number = whole(request["evseId"], "evseId", 0)
    report_receive(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        number=whole(request["requestId"], "requestId"),
        source=request["chargingLimitSource"],
        profiles=[
            (profile_number(ctx.version, each), profile_read(ctx.version, evse_number, each))
            for each in request["chargingProfile"]
        ],
        to_be_continued=bool(request.get("tbc", False)),
        now=ctx.now,
    )
    return {}
