"""VatNumberValidation (2.1 §1.91): is this the VAT number of a company?"""

from typing import Any

from central.ocpp.answers import held
from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.vat_numbers import vat_number_check


@action("VatNumberValidation", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Checked by form and register, and kept; the company where it is known."""
    check = vat_number_check(
        charge_point_id=ctx.charge_point_id,
        evse_number=held(request.get("evseId", 0), 31),
        vat_number=request["vatNumber"],
        now=ctx.now,
    )
    answer: dict[str, Any] = {name: request[name] for name in ("vatNumber", "evseId") if name in request}
    answer["status"] = check.status
    if check.company:
        answer["company"] = check.company
    if check.reason and check.status == "Rejected":
        answer["statusInfo"] = {"reasonCode": "InvalidValue", "additionalInfo": check.reason}
    return answer
