"""Plug and charge with OCPP 1.6: messages of 2.0.1 inside DataTransfer (OCA application note)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.errands import errand
from central.ocpp.errors import OcppError
from central.ocpp.plug_and_charge import (
    asker_of,
    contract_errand,
    contract_of,
    contract_reply,
    shows_contract,
    status_question,
    status_reply,
)
from central.ocpp.pnc import INNER, VENDOR
from central.ocpp.schemas import validate_request, validate_response
from central.ocpp.tokens import id_token_info
from central.ocpp.vendor_table import ACCEPTED, parsed, vendor
from central.services.plug_and_charge import contract_authorize
from central.services.plug_and_charge_requests import contract_request_fetch, statuses_fetch
from central.services.signing import Asked, signing_request_answer

Data = dict[str, Any]


@errand("DataTransfer", versions=("1.6",), when=lambda request: request["vendorId"].casefold() == VENDOR)
def fetch(ctx: Context, request: Data) -> None:
    """The errands of the messages inside; what is not valid there has none."""
    message, data = request.get("messageId", ""), parsed(request.get("data"))
    try:
        data = _checked(message, data)
    except OcppError:
        return
    if message == "GetCertificateStatus":
        statuses_fetch(organization_id=ctx.organization_id, questions=[status_question(data)], now=ctx.now)
    elif message == "Get15118EVCertificate":
        contract_request_fetch(asker=asker_of(ctx), request=data)
    elif message == "Authorize" and shows_contract(data):
        contract_errand(ctx, data)


@vendor(VENDOR, message="Authorize")
def authorize(ctx: Context, data: Data) -> tuple[str, Data]:
    """C07: may this contract charge."""
    contract = contract_of(ctx, _checked("Authorize", data))
    authorization, status = contract_authorize(contract=contract, version=INNER)
    answer: Data = {"idTokenInfo": id_token_info(authorization)}
    return _answered("Authorize", answer | ({"certificateStatus": status} if status else {}))


@vendor(VENDOR, message="GetCertificateStatus")
def get_certificate_status(ctx: Context, data: Data) -> tuple[str, Data]:
    """M06: the responder's answer."""
    return _answered("GetCertificateStatus", status_reply(ctx, _checked("GetCertificateStatus", data)))


@vendor(VENDOR, message="Get15118EVCertificate")
def get_15118_ev_certificate(ctx: Context, data: Data) -> tuple[str, Data]:
    """M01, M02: what the provider gave."""
    return _answered("Get15118EVCertificate", contract_reply(ctx, _checked("Get15118EVCertificate", data)))


@vendor(VENDOR, message="SignCertificate")
def sign_certificate(ctx: Context, data: Data) -> tuple[str, Data]:
    """A02, A03: the charge point's certificate for cars; CertificateSigned follows the same way."""
    checked = _checked("SignCertificate", data)
    asked = Asked(
        csr=checked["csr"],
        certificate_type=checked.get("certificateType", "V2GCertificate"),
        tunnelled=True,
    )
    row = signing_request_answer(charge_point_id=ctx.charge_point_id, asked=asked, now=ctx.now)
    return _answered("SignCertificate", {"status": row.status})


def _checked(message: str, data: Any) -> Data:
    """The data as 2.0.1 means it; some charge points write the eMAID without its type. Raises OcppError."""
    if not isinstance(data, dict):
        raise OcppError("FormatViolation", "No object")
    if message == "Authorize" and isinstance(data.get("idToken"), str):
        data = data | {"idToken": {"idToken": data["idToken"], "type": "eMAID"}}
    checked: Data = data
    validate_request(INNER, message, checked)
    return checked


def _answered(message: str, answer: Data) -> tuple[str, Data]:
    validate_response(INNER, message, answer)
    return ACCEPTED, answer
