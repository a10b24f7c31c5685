"""Certificate authorities of an organisation: made here or brought along, one that signs for each use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from central.models import CertificateAuthority, TrustedCertificate
from central.models.certificate_authority import AuthorityUse
from central.services.certificate_making import BACKDATED, PrivateKey, key_make, key_read, key_text, root_make
from emobility.lib import pki
from emobility.lib.errors import Conflict, Invalid
from registry.models import Organization, User
from registry.services.audit import audit_record
from registry.services.events import event_append

KEY_TYPES: Final = ("RSA", "EC")


@dataclass(frozen=True, slots=True)
class Policy:
    """How an authority signs: for what, whose name (O), how long, which keys, when renewal is due."""

    name: str
    use: str = AuthorityUse.CHARGING_STATION
    subject_organization: str = ""
    validity_days: int = 365
    renew_days: int = 30
    renew_automatically: bool = False
    key_types: Sequence[str] = KEY_TYPES
    padding: str = "pss"


def authority_generate(
    *,
    organization: Organization,
    policy: Policy,
    key_choice: str = "EC P-256",
    years: int = 10,
    actor: User | str = "system",
    now: datetime,
) -> CertificateAuthority:
    """Make a self-signed authority; one that signed for the same use until now is retired. Raises Invalid."""
    key = key_make(key_choice)
    certificate = root_make(
        key=key,
        common_name=policy.name,
        organization=policy.subject_organization or organization.name,
        not_before=now - BACKDATED,
        not_after=now + timedelta(days=365 * years),
    )
    return _keep(organization, policy, [certificate], key, actor, now)


def authority_import(
    *,
    organization: Organization,
    policy: Policy,
    certificates_pem: str,
    private_key_pem: str = "",
    passphrase: str = "",
    actor: User | str = "system",
    now: datetime,
) -> CertificateAuthority:
    """Take an authority that exists: its certificate, those above it, and its key (without: proves only).

    Raises Invalid naming the field: unreadable, expired, weak, no authority, a key of another certificate.
    """
    chain = _chain_read(certificates_pem, now)
    key = None
    if private_key_pem.strip():
        key = _key_read(private_key_pem, passphrase)
        if key.public_key() != chain[0].public_key():
            raise _fault("private_key", _("The key does not belong to the first certificate."))
    return _keep(organization, policy, chain, key, actor, now)


def authority_retire(*, authority: CertificateAuthority, actor: User | str, now: datetime) -> None:
    """End signing; what it signed stays good until it expires or is revoked."""
    if CertificateAuthority.objects.filter(pk=authority.pk, retired_at=None).update(retired_at=now):
        _note(authority, "certificate_authority.retired", actor, now)
    authority.refresh_from_db()


def signing_authority(organization_id: int, use: str) -> CertificateAuthority | None:
    """The authority that signs for this use, if there is one."""
    rows = CertificateAuthority.objects.filter(organization_id=organization_id, use=use)
    return rows.filter(has_key=True, retired_at=None).first()


def chain_of(authority: CertificateAuthority) -> list[x509.Certificate]:
    """Its certificate and those above it, nearest first."""
    return pki.certificates_read(authority.certificate_pem + authority.chain_pem)


def anchors_for(organization_id: int, use: str) -> list[x509.Certificate]:
    """The certificates that prove what an organisation's authorities issued, retired ones included."""
    rows = CertificateAuthority.objects.filter(organization_id=organization_id, use=use)
    pems = rows.values_list("certificate_pem", flat=True)
    return [certificate for pem in pems for certificate in pki.certificates_read(pem)]


def trusted(organization_id: int, certificate_types: Sequence[str] = ()) -> list[x509.Certificate]:
    """The foreign CA certificates that an organisation trusts, of some types or of all."""
    rows = TrustedCertificate.objects.filter(organization_id=organization_id)
    if certificate_types:
        rows = rows.filter(certificate_type__in=certificate_types)
    return [
        each for pem in rows.values_list("certificate_pem", flat=True) for each in pki.certificates_read(pem)
    ]


def trusted_fill(row: TrustedCertificate) -> None:
    """Read what a trusted certificate tells of itself. Raises Invalid where it is not one CA certificate."""
    try:
        (certificate,) = pki.certificates_read(row.certificate_pem)
    except ValueError as error:
        raise _fault("certificate_pem", _("This is not one PEM certificate.")) from error
    if not is_authority(certificate):
        raise _fault("certificate_pem", _("This certificate is no certificate authority."))
    row.certificate_pem = pki.pem_of(certificate)
    row.fingerprint = pki.fingerprint(certificate)
    row.subject = certificate.subject.rfc4514_string()[:255]
    row.not_after = certificate.not_valid_after_utc


def is_authority(certificate: x509.Certificate) -> bool:
    """True where the certificate may issue others."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _keep(
    organization: Organization,
    policy: Policy,
    chain: Sequence[x509.Certificate],
    key: PrivateKey | None,
    actor: User | str,
    now: datetime,
) -> CertificateAuthority:
    if not set(policy.key_types) <= set(KEY_TYPES) or not policy.key_types:
        raise _fault("key_types", _("Choose RSA, EC or both."))
    row = CertificateAuthority(
        organization=organization,
        name=policy.name,
        use=policy.use,
        subject_organization=policy.subject_organization or organization.name,
        private_key=key_text(key) if key else "",
        has_key=key is not None,
        validity_days=policy.validity_days,
        renew_days=policy.renew_days,
        renew_automatically=policy.renew_automatically,
        key_types=list(policy.key_types),
        padding=policy.padding,
        **_told_by(chain),
    )
    try:
        with transaction.atomic():
            before = signing_authority(organization.pk, policy.use) if key else None
            if before is not None:
                authority_retire(authority=before, actor=actor, now=now)
            row.save(force_insert=True)
            _note(row, "certificate_authority.added", actor, now)
    except IntegrityError as error:
        raise Conflict(str(_("This authority is known already."))) from error
    return row


def _told_by(chain: Sequence[x509.Certificate]) -> dict[str, Any]:
    """What the certificates themselves say."""
    return {
        "certificate_pem": pki.pem_of(chain[0]),
        "chain_pem": pki.pem_of(*chain[1:]),
        "fingerprint": pki.fingerprint(chain[0]),
        "key_kind": "{} {}".format(*pki.key_kind(chain[0])),
        "not_before": chain[0].not_valid_before_utc,
        "not_after": chain[0].not_valid_after_utc,
    }


def _chain_read(pem: str, now: datetime) -> list[x509.Certificate]:
    try:
        chain = pki.certificates_read(pem)
    except ValueError as error:
        raise _fault("certificates", _("These are not PEM certificates.")) from error
    if not is_authority(chain[0]):
        raise _fault("certificates", _("The first certificate is no certificate authority."))
    try:
        pki.chain_check(chain[0], chain[1:], [chain[-1]], now)
    except pki.Untrusted as error:
        raise _fault("certificates", str(error)) from error
    return chain


def _key_read(pem: str, passphrase: str) -> PrivateKey:
    try:
        return key_read(pem, passphrase)
    except ValueError as error:
        raise _fault(
            "private_key", _("This is not a PEM private key (RSA or EC), or the passphrase is wrong.")
        ) from error


def _note(authority: CertificateAuthority, kind: str, actor: User | str, now: datetime) -> None:
    facts = {"name": authority.name, "use": authority.use, "fingerprint": authority.fingerprint}
    event_append(
        organization_id=authority.organization_id, kind=kind, subject=authority.name, data=facts, now=now
    )
    audit_record(
        actor=actor,
        action=kind,
        organization_id=authority.organization_id,
        object_type="certificate_authority",
        object_id=str(authority.pk),
        after=facts,
        now=now,
    )


def _fault(field: str, message: object) -> Invalid:
    return Invalid(str(message), {field: str(message)})
