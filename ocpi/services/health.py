"""How OCPI is for one organisation: its addresses, the check of tokens, the partners that it depends on."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Q

from ocpi.core import auth
from ocpi.core.modules import offered
from ocpi.core.versions import SUPPORTED
from ocpi.models import Partner, PartnerToken
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.identity import has_identity, identity_of
from registry.models import Organization

OK, DEGRADED, DOWN = "ok", "degraded", "down"
SLOW_MS = 50.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ok, degraded or down, and a sentence for people."""

    state: str
    detail: str = ""


def ocpi_health(organization: Organization, now: datetime) -> dict[str, Part]:
    """Database, endpoints, token_validation, partners."""
    try:
        milliseconds = _token_check_ms(organization)
    except DatabaseError:
        return {name: Part(DOWN) for name in ("database", "endpoints", "token_validation", "partners")}
    return {
        "database": Part(OK),
        "endpoints": _endpoints(organization),
        "token_validation": Part(OK if milliseconds < SLOW_MS else DEGRADED, f"{milliseconds:.1f} ms"),
        "partners": _partners(organization, now),
    }


def _token_check_ms(organization: Organization) -> float:
    """How long it takes to find out that a token is nobody's."""
    started = time.perf_counter()
    PartnerToken.objects.filter(organization=organization, digest=auth.digest("health")).exists()
    return (time.perf_counter() - started) * 1000


def _endpoints(organization: Organization) -> Part:
    if not has_identity(organization):
        return Part(DOWN, "no party, or OCPI_BASE_URL is not set")
    roles = identity_of(organization).roles
    counts = [f"{version}: {len(offered(version, roles))}" for version in SUPPORTED]
    return Part(OK, f"endpoints by version: {', '.join(counts)}")


def _partners(organization: Organization, now: datetime) -> Part:
    active = Partner.objects.filter(organization=organization, status=PartnerStatus.ACTIVE)
    trouble = active.filter(Q(failures__gt=0) | Q(paused_until__gt=now)).count()
    return Part(DEGRADED if trouble else OK, f"{active.count()} active, {trouble} in trouble")
