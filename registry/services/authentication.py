"""Logins of charge points with id and secret: one rule for the Registry's REST and the OCPP handshake."""

from datetime import datetime

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Unauthenticated
from registry.identifiers import is_cp_id
from registry.models import ChargePoint
from registry.services.credentials import Candidate, credential_candidate, credential_promote
from registry.services.throttle import failures_limited, login_remember

log = structlog.get_logger(__name__)


class WrongCredentials(Unauthenticated):
    """Unknown id, wrong secret, deregistered or wrong certificate: one text for all."""

    def __init__(self) -> None:
        super().__init__(str(_("Invalid cp_id or credentials.")))


def charge_point_authenticate(
    *,
    cp_id: str,
    secret: str | bytes,
    address: str,
    certificate_fingerprint: str = "",
    known: ChargePoint | None = None,
    now: datetime,
) -> ChargePoint:
    """The registered charge point that proves itself with its secret; notes the time of the login.

    `address` is the caller's (services.addresses); `certificate_fingerprint` that of the client certificate
    it showed, required under REGISTRY_REQUIRE_CERTIFICATE. The caller of an unknown id waits as long as any
    other. `known` is the id's row where the caller has read it just now. Raises WrongCredentials, TooMany.
    """
    with failures_limited(address=address, cp_id=cp_id):
        charge_point = known
        if known is None and is_cp_id(cp_id):
            charge_point = ChargePoint.objects.filter(cp_id=cp_id).first()
        candidate = credential_candidate(charge_point, secret)
        if not _is_good(charge_point, candidate, certificate_fingerprint) or charge_point is None:
            log.warning("CP authentication failed", cp_id=cp_id[:48], address=address)
            raise WrongCredentials
    login_remember(address=address, cp_id=cp_id)
    if candidate is Candidate.PENDING:
        credential_promote(charge_point)
        charge_point.proved_pending = True
    ChargePoint.objects.filter(pk=charge_point.pk).update(last_authenticated=now, updated_at=now)
    charge_point.last_authenticated = now
    log.info("CP authenticated: %s", charge_point.cp_id)
    return charge_point


def certificate_fits(charge_point: ChargePoint, fingerprint: str) -> bool:
    """True where the shown client certificate is the charge point's, or none is required."""
    if not settings.REGISTRY_REQUIRE_CERTIFICATE:
        return True
    return bool(fingerprint) and fingerprint == charge_point.certificate_fingerprint


def _is_good(charge_point: ChargePoint | None, candidate: Candidate, fingerprint: str) -> bool:
    if charge_point is None or candidate is Candidate.NONE or not charge_point.is_registered:
        return False
    return certificate_fits(charge_point, fingerprint)
