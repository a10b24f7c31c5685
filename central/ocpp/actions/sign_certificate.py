"""SignCertificate: a charge point asks for its certificate (A02, A03; 1.6 security A02, A03)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.signing import Asked, signing_request_answer


@action("SignCertificate")
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Accepted: it is signed, and CertificateSigned follows by itself. Rejected: why is kept and shown."""
    asked = Asked(
        csr=request["csr"],
        certificate_type=request.get("certificateType", _default(ctx)),
        request_id=request.get("requestId"),
    )
    row = signing_request_answer(charge_point_id=ctx.charge_point_id, asked=asked, now=ctx.now)
    answer: dict[str, Any] = {"status": row.status}
    if row.reason and ctx.version != "1.6":
        answer["statusInfo"] = {"reasonCode": "InvalidCSR", "additionalInfo": row.reason}
    return answer


def _default(ctx: Context) -> str:
    """1.6 knows one kind; in 2.x a request without type means one certificate for us and for cars."""
    return "ChargingStationCertificate" if ctx.version == "1.6" else ""
