"""Security profiles: the highest one seen counts, never a lower one again; client certificates (T9, T10)."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import CertificateAuthority, IssuedCertificate, SecurityUpgrade
from central.models.certificate_authority import AuthorityUse
from central.models.issued_certificate import CertificateKind
from central.models.security_change import UpgradeState
from central.services.issued_certificates import LIVING, certificate_proved
from central.services.signing import Unsigned, check_common_name, owned_by
from emobility.lib import pki
from emobility.lib.errors import Conflict, Unauthenticated
from registry.models import ChargePoint, Event, User
from registry.services.audit import audit_record
from registry.services.events import event_append

HIGHEST: Final = 3
QUIET: Final = timedelta(minutes=10)
"""A refusal is told once in this time: whoever knocks often fills no log with it."""
DOWNGRADE: Final = "security.profile_downgrade_refused"
BAD_CERTIFICATE: Final = "security.client_certificate_refused"


class WrongCertificate(Unauthenticated):
    """The client certificate does not prove this charge point; the text is for the operator alone."""


def profile_seen(*, charge_point: ChargePoint, profile: int, now: datetime) -> None:
    """A charge point connected with a profile: the highest one is kept; an upgrade that waited is done."""
    if profile <= charge_point.security_profile:
        return
    with transaction.atomic():
        ChargePoint.objects.filter(pk=charge_point.pk).update(security_profile=profile)
        waiting = SecurityUpgrade.objects.filter(
            charge_point=charge_point,
            to_profile__lte=profile,
            state__in=(UpgradeState.ASKED, UpgradeState.STORED, UpgradeState.CHOSEN),
        )
        waiting.update(state=UpgradeState.DONE, changed_at=now)
        _tell(charge_point, "security.profile_raised", {"profile": profile}, now)
    charge_point.security_profile = profile


def downgrade_refused(*, charge_point: ChargePoint, profile: int, now: datetime) -> None:
    """Note a try with a lower profile than the one seen (A05.FR.09, 2.x A05.FR.07)."""
    _tell_once(charge_point, DOWNGRADE, {"profile": profile, "least": charge_point.security_profile}, now)


def profile_reset(*, charge_point: ChargePoint, profile: int, actor: User, now: datetime) -> None:
    """Let a charge point connect with a lower profile again, by an administrator's word. Raises Conflict."""
    before = charge_point.security_profile
    if profile >= before:
        raise Conflict(_("This would not lower the security profile."))
    with transaction.atomic():
        ChargePoint.objects.filter(pk=charge_point.pk).update(security_profile=profile)
        _tell(charge_point, "security.profile_reset", {"profile": profile, "before": before}, now)
        audit_record(
            actor=actor,
            action="charge_point.security_profile_reset",
            organization_id=charge_point.organization_id,
            object_type="charge_point",
            object_id=charge_point.cp_id,
            before={"security_profile": before},
            after={"security_profile": profile},
            now=now,
        )


def client_certificate_admit(*, charge_point: ChargePoint, pem: str, now: datetime) -> None:
    """Profile 3: the certificate is this charge point's own, or the reason is kept. Raises WrongCertificate.

    A00.FR.403-405, 427: the chain leads to an authority of the organisation, O is the operator, CN the charge
    point, and the fingerprint one that was signed for it or registered with it.
    """
    try:
        issued = _bound(charge_point, pem)
        _check(charge_point, pem, now)
    except (Unsigned, pki.Untrusted) as error:
        _tell_once(charge_point, BAD_CERTIFICATE, {"reason": str(error)[:200]}, now)
        raise WrongCertificate(str(error)) from error
    if issued is not None:
        certificate_proved(certificate=issued, now=now)


def certificate_shown(*, charge_point_id: int, fingerprint: str) -> IssuedCertificate | None:
    """The living certificate that was signed for this charge point, by the fingerprint that it showed."""
    rows = IssuedCertificate.objects.select_related("charge_point")
    return rows.filter(
        charge_point_id=charge_point_id,
        fingerprint=fingerprint,
        state__in=LIVING,
        certificate_type=CertificateKind.CHARGING_STATION,
    ).first()


def _bound(charge_point: ChargePoint, pem: str) -> IssuedCertificate | None:
    """The row of a certificate of ours; None for one that was registered with the charge point."""
    (shown,) = pki.certificates_read(pem)
    print_of_it = pki.fingerprint(shown)
    issued = certificate_shown(charge_point_id=charge_point.pk, fingerprint=print_of_it)
    if issued is not None:
        return issued
    ended = IssuedCertificate.objects.filter(fingerprint=print_of_it).exists()
    if ended or print_of_it != charge_point.certificate_fingerprint:
        raise Unsigned(_("The certificate is not bound to this charge point, or it has ended."))
    return None


def _check(charge_point: ChargePoint, pem: str, now: datetime) -> None:
    (leaf,) = pki.certificates_read(pem)
    rows = CertificateAuthority.objects.filter(
        organization_id=charge_point.organization_id, use=AuthorityUse.CHARGING_STATION
    )
    authorities = {pki.certificates_read(row.certificate_pem)[0]: row for row in rows}
    path = pki.chain_check(leaf, [], list(authorities), now)
    authority = authorities.get(path[-1])
    if authority is None or len(path) < 2:
        raise Unsigned(_("No authority of the organisation signed the certificate."))
    if not owned_by(leaf.subject, authority.subject_organization):
        raise Unsigned(_("The organisation (O) in the certificate is not the operator."))
    check_common_name(leaf.subject, charge_point)


def _tell_once(charge_point: ChargePoint, kind: str, data: dict[str, object], now: datetime) -> None:
    recent = Event.objects.filter(charge_point=charge_point, kind=kind, at__gt=now - QUIET)
    if not recent.exists():
        _tell(charge_point, kind, data, now)


def _tell(charge_point: ChargePoint, kind: str, data: dict[str, object], now: datetime) -> None:
    event_append(
        organization_id=charge_point.organization_id,
        charge_point_id=charge_point.pk,
        kind=kind,
        subject=charge_point.cp_id,
        data=data,
        now=now,
    )
