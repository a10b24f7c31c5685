"""Plug and charge for OCPP 1.6: messages of 2.0.1 that travel inside DataTransfer (OCA application note)."""

import json
from typing import Any, Final

from central.ocpp.errors import OcppError
from central.ocpp.schemas import validate_request, validate_response

VENDOR: Final = "org.openchargealliance.iso15118pnc"
INNER: Final = "2.0.1"
TO_CHARGE_POINT: Final = frozenset(
    {
        "CertificateSigned",
        "DeleteCertificate",
        "GetInstalledCertificateIds",
        "InstallCertificate",
        "TriggerMessage",
    }
)


def wrapped(action: str, payload: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A request to a 1.6 charge point, as DataTransfer. Raises ValueError where it is not valid in 2.0.1."""
    try:
        validate_request(INNER, action, payload)
    except OcppError as error:
        raise ValueError(f"Not valid in plug and charge: {error.field or error.code}.") from error
    data = json.dumps(payload, separators=(",", ":"))
    return "DataTransfer", {"vendorId": VENDOR, "messageId": action, "data": data}


def inner_answer(request: dict[str, Any], answer: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(request, answer) as 2.0.1 means them: taken out of DataTransfer, or as they are.

    An answer that is refused outside, or that cannot be read, is {}: not accepted.
    """
    if request.get("vendorId") != VENDOR:
        return request, answer
    action, asked = str(request.get("messageId", "")), json.loads(request.get("data") or "{}")
    if answer.get("status") != "Accepted":
        return asked, {}
    try:
        said = json.loads(answer.get("data") or "{}")
        validate_response(INNER, action, said)
    except (ValueError, OcppError):
        return asked, {}
    return asked, said
