"""SignCertificate: a charge point's signing request is judged, signed by our authority, and kept (A02, A03).

A request that comes again (A02.FR.17: nothing was delivered in time) gets the certificate that it got before.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils.translation import gettext as _

from central.models import CertificateAuthority, ChargePointStatus, IssuedCertificate, SigningRequest
from central.models.certificate_authority import AuthorityUse, Padding
from central.models.issued_certificate import CertificateKind, IssuedState
from central.services.authorities import signing_authority
from central.services.certificate_making import certificate_make, key_read
from central.services.issued_certificates import certificate_deliver
from emobility.lib import pki
from emobility.lib.errors import DomainError
from registry.models import ChargePoint
from registry.services.events import event_append

ACCEPTED: Final = "Accepted"
REJECTED: Final = "Rejected"
USES: Final = {
    CertificateKind.CHARGING_STATION: AuthorityUse.CHARGING_STATION,
    CertificateKind.V2G: AuthorityUse.V2G,
    CertificateKind.V2G_20: AuthorityUse.V2G,
}
_SERIALS: Final = ("chargePointSerialNumber", "chargeBoxSerialNumber", "serialNumber")
_REUSABLE: Final = (IssuedState.ISSUED, IssuedState.ACCEPTED, IssuedState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A SignCertificate: `certificate_type` empty where one certificate serves us and cars alike."""

    csr: str
    certificate_type: str = ""
    request_id: int | None = None
    tunnelled: bool = False


class Unsigned(Exception):
    """The request is not signed; the text says why."""


def signing_request_answer(*, charge_point_id: int, asked: Asked, now: datetime) -> SigningRequest:
    """Judge a request and keep it; where it is accepted, the certificate is on its way by a command."""
    charge_point = ChargePoint.objects.select_related("organization").get(pk=charge_point_id)
    row = SigningRequest(
        charge_point=charge_point,
        certificate_type=asked.certificate_type,
        csr=asked.csr,
        request_id=asked.request_id,
        tunnelled=asked.tunnelled,
        status=REJECTED,
        at=now,
    )
    try:
        with transaction.atomic():
            row.certificate = _issued_for(charge_point, asked, row, now)
        row.status = ACCEPTED
    except Unsigned as error:
        row.reason = str(error)[:200]
    except DomainError as error:
        row.reason = error.message[:200]
    row.save(force_insert=True)
    _tell(row, now)
    return row


def _issued_for(
    charge_point: ChargePoint, asked: Asked, row: SigningRequest, now: datetime
) -> IssuedCertificate:
    request = _read(asked.csr)
    row.subject = request.subject.rfc4514_string()[:255]
    row.key_kind = "{} {}".format(*pki.key_kind(request))
    kind = CertificateKind(asked.certificate_type or CertificateKind.CHARGING_STATION)
    authority = signing_authority(charge_point.organization_id, USES[kind])
    if authority is None:
        raise Unsigned(_("No certificate authority signs this type. Add one under Certificate authorities."))
    _check(request, authority, charge_point, kind)
    issued = _again(charge_point, request, kind, asked, now)
    if issued is None:
        issued = _sign(charge_point, request, authority, asked, now)
    certificate_deliver(certificate=issued, now=now)
    return issued


def _read(csr: str) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_pem_x509_csr(csr.strip().encode())
        signed = request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise Unsigned(_("This is not a PEM certificate signing request.")) from error
    if not signed:
        raise Unsigned(_("The request is not signed with its own key."))
    return request


def _check(
    request: x509.CertificateSigningRequest,
    authority: CertificateAuthority,
    charge_point: ChargePoint,
    kind: CertificateKind,
) -> None:
    """A00.FR.502-511: a strong key of an allowed kind, O of the operator, CN of this charge point."""
    key_type, _bits = pki.key_kind(request)
    if not pki.is_strong(request):
        raise Unsigned(_("The key must be RSA of 2048 bits or elliptic-curve of 224 bits at least."))
    if key_type not in authority.key_types:
        raise Unsigned(_("The authority does not sign {kind} keys.").format(kind=key_type))
    if not owned_by(request.subject, authority.subject_organization):
        raise Unsigned(
            _("The organisation (O) must be “{name}”: set CpoName or OrganizationName.").format(
                name=authority.subject_organization
            )
        )
    if kind == CertificateKind.CHARGING_STATION:
        check_common_name(request.subject, charge_point)
    elif not pki.common_names(request.subject):
        raise Unsigned(_("The common name (CN) must be the SECC's id."))


def owned_by(subject: x509.Name, organization: str) -> bool:
    """True where an O of the subject is this organisation's name (A00.FR.404), in whatever case."""
    wanted = " ".join(organization.split()).casefold()
    return any(" ".join(name.split()).casefold() == wanted for name in pki.organizations(subject))


def check_common_name(subject: x509.Name, charge_point: ChargePoint) -> None:
    """A00.FR.405, A00.FR.511: the CN is the charge point's serial number or id. Raises Unsigned."""
    names = pki.common_names(subject)
    if len(names) != 1 or _is_address(names[0]):
        raise Unsigned(_("There must be one common name (CN), neither an address nor a URL."))
    if names[0] not in names_of(charge_point):
        raise Unsigned(
            _("The common name (CN) is neither the serial number nor the id of this charge point.")
        )
    if ChargePoint.objects.exclude(pk=charge_point.pk).filter(cp_id=names[0]).exists():
        raise Unsigned(_("The common name (CN) is the id of another charge point."))


def names_of(charge_point: ChargePoint) -> set[str]:
    """What a charge point may call itself: its id, and the serial numbers that it booted with."""
    live = ChargePointStatus.objects.filter(charge_point=charge_point).first()
    if live is None:
        return {charge_point.cp_id}
    details = live.boot_details if isinstance(live.boot_details, dict) else {}
    told = {str(details.get(name) or "") for name in _SERIALS} | {live.serial_number}
    return {charge_point.cp_id} | (told - {""})


def _is_address(name: str) -> bool:
    if "://" in name:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _again(
    charge_point: ChargePoint,
    request: x509.CertificateSigningRequest,
    kind: CertificateKind,
    asked: Asked,
    now: datetime,
) -> IssuedCertificate | None:
    """The certificate that the same request got before, if it is still good."""
    rows = IssuedCertificate.objects.filter(
        charge_point=charge_point,
        certificate_type=kind,
        csr_digest=_digest(request),
        state__in=_REUSABLE,
        not_after__gt=now,
    )
    found = rows.first()
    if found is not None and found.request_id != asked.request_id:
        found.request_id = asked.request_id
        found.save(update_fields=["request_id"])
    return found


def _sign(
    charge_point: ChargePoint,
    request: x509.CertificateSigningRequest,
    authority: CertificateAuthority,
    asked: Asked,
    now: datetime,
) -> IssuedCertificate:
    (issuer,) = pki.certificates_read(authority.certificate_pem)
    if issuer.not_valid_after_utc <= now:
        raise Unsigned(_("The certificate authority has expired."))
    certificate = certificate_make(
        request=request,
        issuer=issuer,
        key=key_read(authority.private_key),
        pss=authority.padding == Padding.PSS,
        lifetime=timedelta(days=authority.validity_days),
        now=now,
    )
    return IssuedCertificate.objects.create(
        charge_point=charge_point,
        authority=authority,
        certificate_type=asked.certificate_type or CertificateKind.CHARGING_STATION,
        both_uses=not asked.certificate_type,
        serial_number=pki.serial_of(certificate),
        fingerprint=pki.fingerprint(certificate),
        subject=certificate.subject.rfc4514_string()[:255],
        key_kind="{} {}".format(*pki.key_kind(certificate)),
        certificate_pem=pki.pem_of(certificate),
        csr_digest=_digest(request),
        request_id=asked.request_id,
        tunnelled=asked.tunnelled,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        renew_at=certificate.not_valid_after_utc - timedelta(days=authority.renew_days),
        issued_at=now,
    )


def _digest(request: x509.CertificateSigningRequest) -> str:
    return hashlib.sha256(request.public_bytes(Encoding.DER)).hexdigest()


def _tell(row: SigningRequest, now: datetime) -> None:
    charge_point, issued = row.charge_point, row.certificate
    event_append(
        organization_id=charge_point.organization_id,
        charge_point_id=charge_point.pk,
        kind="certificate.issued" if issued else "certificate.refused",
        subject=row.subject[:100],
        data={"serial_number": issued.serial_number, "certificate_id": issued.pk}
        if issued
        else {"reason": row.reason},
        now=now,
    )
