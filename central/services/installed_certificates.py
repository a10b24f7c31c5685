"""The inventory of certificates inside a charge point: what we installed, what it told, what is gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from django.db import transaction

from central.models import InstalledCertificate
from central.services.authorities import anchors_for, trusted
from emobility.lib import pki
from emobility.lib.pki import HashData
from registry.models import ChargePoint
from registry.services.events import event_append


@dataclass(frozen=True, slots=True)
class Reported:
    """A certificate as a charge point names it, with those below it (V2G chains)."""

    certificate_type: str
    named: HashData
    children: Sequence[dict[str, Any]] = field(default_factory=tuple)


def installed_record(*, charge_point_id: int, certificate_type: str, pem: str, now: datetime) -> None:
    """A CA certificate was installed: it is in the inventory under its own hash (SHA-256) until reported."""
    certificate = pki.certificates_read(pem)[0]
    issuer = _issuer_among(certificate, [certificate, *_known(charge_point_id)])
    named = pki.hash_data(certificate, issuer or certificate)
    row = _row(charge_point_id, certificate_type, named) or _known_as(
        charge_point_id, certificate_type, certificate
    )
    if row is None:
        row = InstalledCertificate(
            charge_point_id=charge_point_id, certificate_type=certificate_type, first_seen_at=now
        )
        _name(row, named)
    _describe(row, certificate)
    row.installed_by_us, row.removed_at = True, None
    row.save()
    _tell(row, "certificate.installed", now)


def inventory_apply(
    *, charge_point_id: int, asked_types: Iterable[str], reported: Sequence[Reported], now: datetime
) -> None:
    """Take what a charge point lists; what it no longer lists, of the types asked for, is gone."""
    known = _known(charge_point_id)
    seen: set[int] = set()
    with transaction.atomic():
        for one in reported:
            seen.add(_reported(charge_point_id, one, known, now).pk)
        gone = InstalledCertificate.objects.filter(charge_point_id=charge_point_id, removed_at=None)
        types = set(asked_types)
        if types:
            gone = gone.filter(certificate_type__in=types)
        gone.exclude(pk__in=seen).update(removed_at=now)


def installed_removed(*, charge_point_id: int, named: HashData, now: datetime) -> None:
    """A certificate was deleted (or was not there): it is not in the inventory any more."""
    rows = InstalledCertificate.objects.filter(charge_point_id=charge_point_id, removed_at=None)
    for row in rows:
        if hash_of(row).key == named.key:
            row.removed_at = now
            row.save(update_fields=["removed_at"])
            _tell(row, "certificate.removed", now)


def hash_of(row: InstalledCertificate) -> HashData:
    """How the charge point names it."""
    return HashData(row.hash_algorithm, row.issuer_name_hash, row.issuer_key_hash, row.serial_number)


def _reported(
    charge_point_id: int, one: Reported, known: Sequence[x509.Certificate], now: datetime
) -> InstalledCertificate:
    certificate = next((each for each in known if _is_named(each, one.named, known)), None)
    row = _row(charge_point_id, one.certificate_type, one.named)
    if row is None and certificate is not None:
        row = _known_as(charge_point_id, one.certificate_type, certificate)
    if row is None:
        row = InstalledCertificate(
            charge_point_id=charge_point_id, certificate_type=one.certificate_type, first_seen_at=now
        )
    _name(row, one.named)
    if certificate is not None:
        _describe(row, certificate)
    row.children, row.reported_at, row.removed_at = list(one.children), now, None
    row.save()
    return row


def _row(charge_point_id: int, certificate_type: str, named: HashData) -> InstalledCertificate | None:
    rows = InstalledCertificate.objects.filter(
        charge_point_id=charge_point_id, certificate_type=certificate_type
    )
    return next((row for row in rows if hash_of(row).key == named.key), None)


def _known_as(
    charge_point_id: int, certificate_type: str, certificate: x509.Certificate
) -> InstalledCertificate | None:
    """The row of the same certificate under another hash algorithm."""
    return InstalledCertificate.objects.filter(
        charge_point_id=charge_point_id,
        certificate_type=certificate_type,
        certificate_pem=pki.pem_of(certificate),
    ).first()


def _known(charge_point_id: int) -> list[x509.Certificate]:
    """Certificates that a charge point of this organisation may have: our own CAs and those we trust."""
    organization_id = ChargePoint.objects.values_list("organization_id", flat=True).get(pk=charge_point_id)
    own = [each for use in ("charging_station", "v2g") for each in anchors_for(organization_id, use)]
    rows = InstalledCertificate.objects.filter(charge_point_id=charge_point_id).exclude(certificate_pem="")
    told = [
        each for pem in rows.values_list("certificate_pem", flat=True) for each in pki.certificates_read(pem)
    ]
    return [*own, *trusted(organization_id), *told]


def _is_named(certificate: x509.Certificate, named: HashData, known: Sequence[x509.Certificate]) -> bool:
    if pki.serial_of(certificate) != named.key[3]:
        return False
    issuer = _issuer_among(certificate, [certificate, *known])
    return issuer is not None and pki.hash_data(certificate, issuer, named.hash_algorithm).key == named.key


def _issuer_among(
    certificate: x509.Certificate, candidates: Iterable[x509.Certificate]
) -> x509.Certificate | None:
    return next((each for each in candidates if each.subject == certificate.issuer), None)


def _name(row: InstalledCertificate, named: HashData) -> None:
    row.hash_algorithm, row.issuer_name_hash = named.hash_algorithm, named.issuer_name_hash
    row.issuer_key_hash, row.serial_number = named.issuer_key_hash, named.serial_number


def _describe(row: InstalledCertificate, certificate: x509.Certificate) -> None:
    row.subject = certificate.subject.rfc4514_string()[:255]
    row.certificate_pem = pki.pem_of(certificate)
    row.not_after = certificate.not_valid_after_utc


def _tell(row: InstalledCertificate, kind: str, now: datetime) -> None:
    event_append(
        organization_id=row.charge_point.organization_id,
        charge_point_id=row.charge_point_id,
        kind=kind,
        subject=row.subject[:100] or row.serial_number,
        data={"certificate_type": row.certificate_type, "serial_number": row.serial_number},
        now=now,
    )
