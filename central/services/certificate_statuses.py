"""The revocation status of certificates: asked of others outside of any transaction, kept until it ends.

`status_ensure` may take seconds and goes to the network: it runs before a request is served
(central.ocpp.errands), never inside a handler. `status_known` only reads what is kept.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from central.models import CertificateStatus
from central.models.certificate_status import StatusWord
from central.services.authorities import anchors_for, trusted
from central.services.ocsp import Found, NotBelieved, crl_read, ocsp_read, ocsp_request
from emobility.lib import egress
from emobility.lib.egress import EgressError
from emobility.lib.pki import HashData

log = structlog.get_logger(__name__)

OCSP: Final = "OCSP"
CRL: Final = "CRL"
RETRY_AFTER: Final = timedelta(seconds=60)
"""A responder that gave nothing useful is left alone for so long."""
_TYPES: Final = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


def status_known(
    *, organization_id: int, source: str, named: HashData, now: datetime
) -> CertificateStatus | None:
    """What is kept of a certificate and still good, failures of the last minute included."""
    row = _rows(organization_id, source, named).first()
    if row is None:
        return None
    if row.status == StatusWord.FAILED:
        return row if row.checked_at > now - RETRY_AFTER else None
    return row if row.next_update is not None and row.next_update > now else None


def status_ensure(
    *,
    organization_id: int,
    source: str,
    named: HashData,
    urls: Sequence[str],
    limit: float,
    now: datetime,
) -> CertificateStatus:
    """Ask one address after the other for `limit` seconds at most, unless it is known."""
    known = status_known(organization_id=organization_id, source=source, named=named, now=now)
    if known is not None:
        return known
    issuers = [
        *(each for use in ("v2g", "charging_station") for each in anchors_for(organization_id, use)),
        *trusted(organization_id),
    ]
    end, problem, url = time.monotonic() + limit, "There is no address to ask.", ""
    for url in urls:
        left = end - time.monotonic()
        if left <= 0:
            problem = "Time ran out."
            break
        try:
            data = _fetched(source, url, named, left)
            found = (ocsp_read if source == OCSP else crl_read)(data, named, issuers, now)
        except (EgressError, NotBelieved, ValueError) as error:
            problem = str(error)
            continue
        return _keep(organization_id, source, named, url, now, found)
    log.info("certificate_status.failed", source=source, url=url[:200], problem=problem)
    return _keep(organization_id, source, named, url, now, None, problem)


def _fetched(source: str, url: str, named: HashData, limit: float) -> bytes:
    """The body of the answer. Raises EgressError, NotBelieved, ValueError."""
    if source == OCSP:
        answer = egress.request(
            "POST", url, headers=_TYPES, content=ocsp_request(named), limit=limit, plain=True
        )
    else:
        answer = egress.request("GET", url, headers={}, limit=limit, plain=True)
    if answer.status != 200:
        raise NotBelieved(f"The responder answered HTTP {answer.status}.")
    return answer.content


def _rows(organization_id: int, source: str, named: HashData) -> Any:
    return CertificateStatus.objects.filter(organization_id=organization_id, source=source, **_columns(named))


def _columns(named: HashData) -> dict[str, Any]:
    names = ("hash_algorithm", "issuer_name_hash", "issuer_key_hash", "serial_number")
    return dict(zip(names, named.key, strict=True))


def _keep(
    organization_id: int,
    source: str,
    named: HashData,
    url: str,
    now: datetime,
    found: Found | None,
    problem: str = "",
) -> CertificateStatus:
    row, _made = CertificateStatus.objects.update_or_create(
        organization_id=organization_id,
        source=source,
        **_columns(named),
        defaults={
            "url": url[:2000],
            "status": found.status if found else StatusWord.FAILED,
            "answer": found.answer if found else "",
            "problem": problem[:200],
            "this_update": found.this_update if found else None,
            "next_update": found.next_update if found else None,
            "checked_at": now,
        },
    )
    return row
