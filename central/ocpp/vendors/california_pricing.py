"""California pricing from the charge point: ConnectorUnplugged (OCA white paper §3.4.3, OCPP 1.6).

Unlike StatusNotification it is queued while the charge point is offline: parking ends at its time for sure.
"""

from typing import Any

from central.ocpp.california import UNPLUGGED, VENDOR
from central.ocpp.context import Context
from central.ocpp.vendor_table import ACCEPTED, vendor
from central.ocpp.vocabulary import parse_time
from central.services.unplugged import connector_unplugged
from emobility.lib.errors import Invalid


@vendor(VENDOR, message=UNPLUGGED)
def unplugged(ctx: Context, data: dict[str, Any]) -> tuple[str, Any]:
    """Kept with the transaction; Rejected where it names none, or no time."""
    transaction_id, timestamp = data.get("transactionId"), data.get("timestamp")
    if isinstance(transaction_id, bool) or not isinstance(transaction_id, int | str) or transaction_id == "":
        raise Invalid("", {"transactionId": "needed"})
    try:
        at = parse_time(str(timestamp))
    except ValueError as error:
        raise Invalid("", {"timestamp": "needed"}) from error
    connector_unplugged(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        transaction_id=str(transaction_id)[:36],
        at=at,
        payload=data,
        now=ctx.now,
    )
    return ACCEPTED, None
