"""Certificates, plug and charge, passwords and profiles of a furnished organisation."""

import uuid
from datetime import timedelta
from typing import Any

from central.models import (
    CertificateAuthority,
    CertificateStatus,
    Command,
    InstalledCertificate,
    IssuedCertificate,
    PasswordRotation,
    PlugAndChargeRequest,
    SecurityUpgrade,
    SigningRequest,
    TrustedCertificate,
)
from registry.models import ChargePoint
from tests.support.registry import make_certificate
from tests.support.world import NOW, World

LIFE = {"not_before": NOW, "not_after": NOW + timedelta(days=365)}
HASHES = {"hash_algorithm": "SHA256", "issuer_name_hash": "aa", "issuer_key_hash": "bb"}
_PEM: list[str] = []


def furnish(world: World, number: int) -> None:
    """One of each."""
    own, point = world.organization, world.rows[ChargePoint][number]
    authority = world.keep(_authority(world, number))
    world.keep(
        TrustedCertificate.objects.create(
            organization=own,
            name=world.mark,
            certificate_type="V2GRootCertificate",
            certificate_pem=_pem(),
            fingerprint=uuid.uuid4().hex,
            subject=f"CN={world.mark}",
            not_after=LIFE["not_after"],
        )
    )
    issued = world.keep(_issued(world, authority, point))
    placed: dict[str, Any] = {"charge_point": point}
    command = Command.objects.create(
        organization=own, order="password_rotate", created_at=NOW, expires_at=NOW, **placed
    )
    for row in (
        SigningRequest(
            subject=world.mark, csr=world.mark, status="Accepted", certificate=issued, at=NOW, **placed
        ),
        InstalledCertificate(
            certificate_type="V2GRootCertificate",
            serial_number=f"{number}",
            subject=world.mark,
            first_seen_at=NOW,
            **HASHES,
            **placed,
        ),
        CertificateStatus(
            organization=own,
            source="OCSP",
            serial_number=f"{number}",
            url=f"https://{world.mark}.example/",
            status="Good",
            checked_at=NOW,
            **HASHES,
        ),
        PlugAndChargeRequest(
            kind="GetCertificateStatus",
            message_id=f"m-{number}",
            digest="x",
            details={"x": world.mark},
            status="Accepted",
            at=NOW,
            **placed,
        ),
        PasswordRotation(command=command, answered=world.mark, created_at=NOW, **placed),
        SecurityUpgrade(
            from_profile=1, to_profile=2, reason=world.mark, created_at=NOW, changed_at=NOW, **placed
        ),
    ):
        row.save()
        world.keep(row)


def _pem() -> str:
    """One certificate for all rows: making keys takes time."""
    if not _PEM:
        _PEM.append(make_certificate())
    return _PEM[0]


def _authority(world: World, number: int) -> CertificateAuthority:
    return CertificateAuthority.objects.create(
        organization=world.organization,
        name=f"{world.mark}-{number}",
        subject_organization=world.mark,
        certificate_pem=_pem(),
        private_key="never shown",
        has_key=number == 0,
        fingerprint=uuid.uuid4().hex,
        key_kind="EC 256",
        key_types=["EC"],
        **LIFE,
    )


def _issued(world: World, authority: CertificateAuthority, point: ChargePoint) -> IssuedCertificate:
    return IssuedCertificate.objects.create(
        charge_point=point,
        authority=authority,
        certificate_type="ChargingStationCertificate",
        serial_number="0a",
        fingerprint=uuid.uuid4().hex,
        subject=f"CN={world.mark}",
        key_kind="EC 256",
        certificate_pem=_pem(),
        csr_digest=uuid.uuid4().hex,
        renew_at=NOW,
        issued_at=NOW,
        **LIFE,
    )
