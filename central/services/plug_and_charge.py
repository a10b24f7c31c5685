"""Plug and charge: a contract may charge where its certificate is valid and its token is known (2.x C07)."""

from dataclasses import replace
from typing import Final

from central.ports import Contract, ports
from central.services.authorization import FREE, Authorization, AuthorizationStatus, authorize
from central.services.token_reading import CONTRACT

VALID: Final = "Accepted"
CANCELLED: Final = "ContractCancelled"
EXPIRED: Final = "CertificateExpired"
NO_CERTIFICATE: Final = "NoCertificateAvailable"
OFF: Final = "no_plug_and_charge"
REFUSED: Final = frozenset(
    {AuthorizationStatus.BLOCKED, AuthorizationStatus.EXPIRED, AuthorizationStatus.INVALID}
)


def contract_authorize(*, contract: Contract, version: str) -> tuple[Authorization, str]:
    """The answer about the token, and the status of its certificate ('' where none was asked for).

    Without a certificate, and with one that is not valid, no contract charges (C07.FR.05, FR.13-FR.17).
    """
    authorization = authorize(
        charge_point_id=contract.charge_point_id,
        uid=contract.emaid,
        token_type=CONTRACT,
        now=contract.now,
        version=version,
    )
    if authorization.reason in {FREE, OFF}:
        return authorization, ""
    status = _status(contract)
    if status == VALID:
        return authorization, CANCELLED if authorization.status in REFUSED else VALID
    refusal = AuthorizationStatus.EXPIRED if status == EXPIRED else AuthorizationStatus.INVALID
    return replace(authorization, status=refusal, reason="certificate"), status


def _status(contract: Contract) -> str:
    if not contract.certificate and not contract.hash_data:
        return NO_CERTIFICATE
    return ports.contract_status(contract)
