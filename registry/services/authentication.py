"""Logins of charge points with id and secret: one rule for the Registry's REST and the OCPP handshake."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Unauthenticated
from registry.identifiers import is_cp_id
from registry.models import ChargePoint
from registry.services.credentials import Candidate, credential_candidate, credential_promote
from registry.services.throttle import Caller, failures_beyond, failures_limited, logins_remember

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Login:
    """A secret that was shown for a charge point: `address` is the caller's (services.addresses)."""

    charge_point: ChargePoint
    secret: str | bytes = field(repr=False)
    address: str
    certificate_fingerprint: str = ""

    @property
    def caller(self) -> Caller:
        """Whom failures are counted for."""
        return self.address, self.charge_point.cp_id


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
    if candidate is Candidate.PENDING:
        credential_promote(charge_point)
        charge_point.proved_pending = True
    _note([(charge_point, address)], now)
    return charge_point


def logins_prove(logins: Sequence[Login], *, now: datetime) -> list[bool]:
    """Which of these charge points prove themselves by the one secret that they have; notes their logins.

    The others are for `charge_point_authenticate`, one by one: it says why not, counts guesses, takes up new
    secrets.
    """
    if not logins:
        return []
    stopped = failures_beyond([login.caller for login in logins])
    proved = [login.caller not in stopped and _is_usual(login) for login in logins]
    _note([(one.charge_point, one.address) for one, good in zip(logins, proved, strict=True) if good], now)
    return proved


def _is_usual(login: Login) -> bool:
    charge_point = login.charge_point
    if charge_point.pending_credential_hash:
        return False
    return _is_good(
        charge_point, credential_candidate(charge_point, login.secret), login.certificate_fingerprint
    )


def _note(proved: Sequence[tuple[ChargePoint, str]], now: datetime) -> None:
    """The time of a login is not worth waiting for whoever holds the charge point's row."""
    if not proved:
        return
    points = [charge_point for charge_point, _address in proved]
    logins_remember([(address, charge_point.cp_id) for charge_point, address in proved])
    with transaction.atomic():
        free = ChargePoint.objects.select_for_update(skip_locked=True, no_key=True)
        rows = free.filter(pk__in=[charge_point.pk for charge_point in points]).order_by("pk")
        numbers = list(rows.values_list("pk", flat=True))
        ChargePoint.objects.filter(pk__in=numbers).update(last_authenticated=now, updated_at=now)
    for charge_point in points:
        charge_point.last_authenticated = now
        log.info("CP authenticated: %s", charge_point.cp_id)


def certificate_fits(charge_point: ChargePoint, fingerprint: str) -> bool:
    """True where the shown client certificate is the charge point's, or none is required."""
    if not settings.REGISTRY_REQUIRE_CERTIFICATE:
        return True
    return bool(fingerprint) and fingerprint == charge_point.certificate_fingerprint


def _is_good(charge_point: ChargePoint | None, candidate: Candidate, fingerprint: str) -> bool:
    if charge_point is None or candidate is Candidate.NONE or not charge_point.is_registered:
        return False
    return certificate_fits(charge_point, fingerprint)
