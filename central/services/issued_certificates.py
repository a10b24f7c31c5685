"""Issued certificates on their way: delivered, taken, proved by a connection, renewed, revoked."""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from django.db import transaction
from django.db.models import Q

from central.models import ChargePointStatus, Command, IssuedCertificate
from central.models.command import CommandState
from central.models.issued_certificate import CertificateKind, IssuedState
from central.services.authorities import chain_of
from central.services.commands import command_create
from emobility.lib import pki
from emobility.lib.errors import Conflict, DomainError
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.events import event_append

DELIVER: Final = "certificate_signed"
RENEW: Final = "certificate_renew"
DISCARDED: Final = "discardedrenewedclientcertificate"
DELIVERY_TTL: Final = timedelta(days=1)
ASK_AGAIN: Final = timedelta(days=1)
SWEEP_LIMIT: Final = 200
LIVING: Final = (IssuedState.ISSUED, IssuedState.ACCEPTED, IssuedState.ACTIVE)
"""Any of them may be used: the answer that it was taken may be lost with the connection."""


def certificate_deliver(*, certificate: IssuedCertificate, now: datetime) -> Command:
    """Queue CertificateSigned; a delivery that is still under way is enough. Raises Conflict."""
    under_way = certificate.command
    if under_way is not None and under_way.state in {CommandState.QUEUED, CommandState.SENT}:
        return under_way
    command = command_create(
        charge_point=certificate.charge_point,
        order=DELIVER,
        params={"certificate_id": certificate.pk},
        source="certificates",
        ttl=DELIVERY_TTL,
        now=now,
    )
    certificate.command = command
    certificate.save(update_fields=["command"])
    return command


def chain_to_send(certificate: IssuedCertificate) -> str:
    """The leaf and what stands between it and the root, without the root (A02, CertificateSigned)."""
    above = [each for each in chain_of(certificate.authority) if not pki.is_self_signed(each)]
    return pki.pem_of(*pki.certificates_read(certificate.certificate_pem), *above)


def certificate_answered(
    *, charge_point_id: int, chain_pem: str, accepted: bool, reason: str = "", now: datetime
) -> IssuedCertificate | None:
    """Apply the answer to CertificateSigned; None where the chain is none of ours (a raw request).

    Accepted: a certificate for cars is in use now, one for the connection waits for its first connection.
    Rejected: it is revoked, nobody will use it.
    """
    try:
        leaf = pki.certificates_read(chain_pem)[0]
    except ValueError:
        return None
    rows = IssuedCertificate.objects.select_for_update(of=("self",)).select_related("charge_point")
    with transaction.atomic():
        found = rows.filter(charge_point_id=charge_point_id, fingerprint=pki.fingerprint(leaf)).first()
        if found is None or found.state not in {IssuedState.ISSUED, IssuedState.ACCEPTED}:
            return found
        if accepted and found.state == IssuedState.ACCEPTED:
            return found
        if not accepted:
            _end(found, IssuedState.REVOKED, reason or "rejected by the charge point", now)
            _tell(found, "certificate.rejected", now)
            return found
        found.state, found.accepted_at = IssuedState.ACCEPTED, found.accepted_at or now
        found.save(update_fields=["state", "accepted_at"])
        _tell(found, "certificate.accepted", now)
        if found.certificate_type != CertificateKind.CHARGING_STATION:
            _activate(found, now)
    return found


def certificate_proved(*, certificate: IssuedCertificate, now: datetime) -> None:
    """The charge point connected with it: it is the one in use, bound to the charge point; others end."""
    if certificate.state == IssuedState.ACTIVE:
        return
    with transaction.atomic():
        _activate(certificate, now)
        ChargePoint.objects.filter(pk=certificate.charge_point_id).update(
            certificate_pem=certificate.certificate_pem, certificate_fingerprint=certificate.fingerprint
        )


def certificate_discarded(*, charge_point_id: int, kind: str, now: datetime) -> None:
    """A renewed certificate was thrown away (a security event, 2.1 A02.FR.29): it is revoked unused."""
    if kind.strip().lower() != DISCARDED:
        return
    rows = IssuedCertificate.objects.filter(
        charge_point_id=charge_point_id,
        certificate_type=CertificateKind.CHARGING_STATION,
        state=IssuedState.ACCEPTED,
    )
    for row in rows.select_related("charge_point"):
        _end(row, IssuedState.REVOKED, "discarded by the charge point", now)
        _tell(row, "certificate.discarded", now)


def certificate_revoke(
    *, certificate: IssuedCertificate, reason: str, actor: User | str, now: datetime
) -> None:
    """Take a certificate back: from now on nobody gets in with it. Raises Conflict where it ended already."""
    if certificate.state not in LIVING:
        raise Conflict("This certificate has ended already.")
    with transaction.atomic():
        _end(certificate, IssuedState.REVOKED, reason or "revoked", now)
        bound = ChargePoint.objects.filter(certificate_fingerprint=certificate.fingerprint)
        bound.update(certificate_fingerprint=None, certificate_pem="")
        _tell(certificate, "certificate.revoked", now)
        audit_record(
            actor=actor,
            action="certificate.revoked",
            organization_id=certificate.charge_point.organization_id,
            object_type="charge_point",
            object_id=certificate.charge_point.cp_id,
            after={"serial_number": certificate.serial_number, "reason": reason},
            now=now,
        )


def certificates_sweep(*, now: datetime) -> int:
    """Expire what is over, mark what is due, and ask for renewal where that is switched on; how many."""
    over = IssuedCertificate.objects.filter(state__in=LIVING, not_after__lte=now)
    expired = over.update(state=IssuedState.EXPIRED, ended_at=now, reason="expired")
    due = IssuedCertificate.objects.filter(state=IssuedState.ACTIVE, renew_at__lte=now)
    marked = due.filter(renewal_due=False).update(renewal_due=True)
    return expired + marked + _ask_for_renewal(now)


def leaf_of(certificate: IssuedCertificate) -> x509.Certificate:
    """The certificate itself."""
    return pki.certificates_read(certificate.certificate_pem)[0]


def _ask_for_renewal(now: datetime) -> int:
    rows = IssuedCertificate.objects.filter(
        Q(renewal_asked_at=None) | Q(renewal_asked_at__lte=now - ASK_AGAIN),
        state=IssuedState.ACTIVE,
        renew_at__lte=now,
        authority__renew_automatically=True,
        charge_point__in=ChargePointStatus.objects.exclude(connection_id=None).values("charge_point_id"),
    )
    asked = 0
    for row in rows.select_related("charge_point").order_by("renew_at")[:SWEEP_LIMIT]:
        try:
            command_create(
                charge_point=row.charge_point,
                order=RENEW,
                params={"certificate_type": row.certificate_type},
                source="certificates",
                now=now,
            )
        except DomainError:
            continue
        IssuedCertificate.objects.filter(pk=row.pk).update(renewal_asked_at=now)
        asked += 1
    return asked


def _activate(certificate: IssuedCertificate, now: datetime) -> None:
    """The certificate is the one in use; those of the same kind that were are superseded."""
    others = IssuedCertificate.objects.filter(
        charge_point_id=certificate.charge_point_id,
        certificate_type=certificate.certificate_type,
        state__in=(IssuedState.ACTIVE, IssuedState.ACCEPTED),
        pk__lt=certificate.pk,
    )
    if certificate.certificate_type != CertificateKind.CHARGING_STATION:
        # Each controller for cars (SECC) has a certificate of its own, under its own name.
        others = others.filter(subject=certificate.subject)
    others.update(state=IssuedState.SUPERSEDED, ended_at=now, reason="superseded")
    certificate.state = IssuedState.ACTIVE
    certificate.accepted_at = certificate.accepted_at or now
    certificate.proved_at = now
    certificate.save(update_fields=["state", "accepted_at", "proved_at"])
    _tell(certificate, "certificate.active", now)


def _end(certificate: IssuedCertificate, state: IssuedState, reason: str, now: datetime) -> None:
    certificate.state, certificate.reason, certificate.ended_at = state, reason[:200], now
    certificate.save(update_fields=["state", "reason", "ended_at"])


def _tell(certificate: IssuedCertificate, kind: str, now: datetime) -> None:
    event_append(
        organization_id=certificate.charge_point.organization_id,
        charge_point_id=certificate.charge_point_id,
        kind=kind,
        subject=certificate.subject[:100],
        data={"certificate_id": certificate.pk, "serial_number": certificate.serial_number},
        now=now,
    )
