"""Registration of charge points: first, again with proof (rotation), and its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from emobility.lib import bell
from emobility.lib.errors import Conflict, Forbidden
from registry.identifiers import cp_id_check
from registry.models import ChargePoint, Organization, Site, User
from registry.models.charge_point import RegistrationStatus
from registry.permissions import ServiceActor, may_operate, may_operate_on
from registry.selectors.charge_points import charge_point_get
from registry.services.admissions import (
    Admission,
    AlreadyRegistered,
    Applicant,
    admission_again,
    admission_new,
)
from registry.services.applications import Application, application_check
from registry.services.audit import audit_record
from registry.services.certificates import Certificate
from registry.services.credentials import credential_generate, credential_hash
from registry.services.events import event_append
from registry.services.tokens import charge_point_token_issue
from registry.signals import charge_point_registered, charge_point_revoked

log = structlog.get_logger(__name__)


class CertificateTaken(Conflict):
    """Another charge point is known by this certificate."""

    def __init__(self) -> None:
        super().__init__(str(_("The certificate belongs to another charge point.")))


@dataclass(frozen=True, slots=True)
class Registration:
    """What a registration gives: `credentials` are known only here and to the charge point."""

    charge_point: ChargePoint
    credentials: str
    token: str
    token_expires_at: datetime
    is_new: bool


def charge_point_register(*, application: Application, applicant: Applicant, now: datetime) -> Registration:
    """Register a charge point, or give a registered one that proves itself new credentials.

    Of many at a time for one id exactly one succeeds. Raises Invalid, Unauthenticated, Forbidden (also for
    a deregistered id), Conflict (id or certificate taken), TooMany.
    """
    certificate = application_check(application, now)
    try:
        with transaction.atomic():
            registration = _register(application, certificate, applicant, now)
    except IntegrityError as error:
        raise _conflict(application, certificate) from error
    log.info(
        "CP registered: %s at %s (new=%s, cert=%s)",
        application.cp_id,
        application.location,
        registration.is_new,
        certificate is not None,
    )
    return registration


def charge_point_create(
    *,
    actor: User,
    organization: Organization,
    cp_id: str,
    site: Site | None = None,
    location: str = "",
    security_profile: int = 0,
    metadata: Mapping[str, Any] | None = None,
    address: str = "",
    now: datetime,
) -> tuple[ChargePoint, str]:
    """Register a charge point on its behalf: the row, and its password, which is shown only here.

    Raises Invalid, Forbidden, Conflict (the id is taken, whoever's it is).
    """
    cp_id_check(cp_id)
    if not may_operate(actor) or not (actor.sees_all or actor.organization_id == organization.pk):
        raise Forbidden(str(_("Your role may not register charge points.")))
    charge_point = ChargePoint(
        cp_id=cp_id,
        organization=organization,
        site=site,
        location=location,
        security_profile=security_profile,
        metadata=dict(metadata or {}),
        token_version=0,
    )
    try:
        with transaction.atomic():
            password = _open(charge_point, now)
            _note(charge_point, "charge_point.registered", actor, address, None, now)
            bell.after_commit(charge_point_registered, charge_point_id=charge_point.pk)
    except IntegrityError as error:
        raise Conflict(str(_("This id is taken.")), {"cp_id": str(_("This id is taken."))}) from error
    return charge_point, password


def charge_point_password_renew(
    *, actor: User, charge_point: ChargePoint, address: str = "", now: datetime
) -> str:
    """A new password, shown only here; the old one and all tokens die at once. Raises Forbidden, Conflict."""
    if not may_operate_on(actor, charge_point):
        raise Forbidden(str(_("Your role may not register charge points.")))
    with transaction.atomic():
        row = ChargePoint.objects.select_for_update().get(pk=charge_point.pk)
        if not row.is_registered:
            raise Conflict(str(_("This charge point is deregistered.")))
        before = _facts(row)
        password = _open(row, now)
        _note(row, "charge_point.credentials_rotated", actor, address, before, now)
        bell.after_commit(charge_point_revoked, charge_point_id=row.pk, reason="rotated")
    return password


def charge_point_deregister(
    *, actor: User | ServiceActor, cp_id: str, address: str = "", now: datetime
) -> ChargePoint:
    """End a registration: secret, tokens and socket die at once, history stays; repeating changes nothing.

    Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        charge_point = charge_point_get(actor=actor, cp_id=cp_id)
        if not may_operate(actor):
            raise Forbidden(str(_("Your role may not deregister charge points.")))
        charge_point = ChargePoint.objects.select_for_update().get(pk=charge_point.pk)
        if not charge_point.is_registered:
            return charge_point
        before = _facts(charge_point)
        _close(charge_point, now)
        _note(charge_point, "charge_point.deregistered", actor, address, before, now)
        bell.after_commit(charge_point_revoked, charge_point_id=charge_point.pk, reason="deregistered")
    log.info("CP deregistered: %s", charge_point.cp_id)
    return charge_point


def _register(
    application: Application, certificate: Certificate | None, applicant: Applicant, now: datetime
) -> Registration:
    rows = ChargePoint.objects.select_for_update(of=("self",))
    charge_point = rows.filter(cp_id=application.cp_id).first()
    is_new = charge_point is None
    before = None if charge_point is None else _facts(charge_point)
    if charge_point is None:
        admission = admission_new(cp_id=application.cp_id, applicant=applicant, now=now)
        charge_point = ChargePoint(cp_id=application.cp_id, token_version=0)
    else:
        admission = admission_again(charge_point=charge_point, applicant=applicant, now=now)
    _describe(charge_point, application, certificate, admission)
    credentials = _open(charge_point, now)
    kind = "charge_point.registered" if is_new else "charge_point.credentials_rotated"
    _note(charge_point, kind, admission.actor, applicant.address, before, now)
    bell.after_commit(charge_point_registered, charge_point_id=charge_point.pk)
    if not is_new:
        bell.after_commit(charge_point_revoked, charge_point_id=charge_point.pk, reason="rotated")
    return Registration(charge_point, credentials, *charge_point_token_issue(charge_point, now), is_new)


def _describe(
    charge_point: ChargePoint,
    application: Application,
    certificate: Certificate | None,
    admission: Admission,
) -> None:
    charge_point.organization = admission.organization
    charge_point.site = admission.site
    charge_point.location = application.location
    if application.metadata is not None:
        charge_point.metadata = dict(application.metadata)
    if certificate is not None:
        charge_point.certificate_pem = certificate.pem
        charge_point.certificate_fingerprint = certificate.fingerprint


def _open(charge_point: ChargePoint, now: datetime) -> str:
    """Give the charge point a new secret; the old one and all its tokens die."""
    credentials = credential_generate()
    if charge_point.pk is None or not charge_point.is_registered:
        charge_point.registered_at = now
    charge_point.status = RegistrationStatus.REGISTERED
    charge_point.deregistered_at = None
    charge_point.credential_hash = credential_hash(credentials)
    charge_point.pending_credential_hash = ""
    charge_point.token_version += 1
    charge_point.save()
    return credentials


def _close(charge_point: ChargePoint, now: datetime) -> None:
    charge_point.status = RegistrationStatus.DEREGISTERED
    charge_point.deregistered_at = now
    charge_point.credential_hash = charge_point.pending_credential_hash = ""
    charge_point.token_version += 1
    charge_point.save()


def _facts(charge_point: ChargePoint) -> dict[str, str | None]:
    """What the audit trail keeps of a charge point."""
    return {
        "status": charge_point.status,
        "location": charge_point.location,
        "certificate_fingerprint": charge_point.certificate_fingerprint,
    }


def _note(
    charge_point: ChargePoint,
    kind: str,
    actor: User | ServiceActor | str,
    address: str,
    before: dict[str, str | None] | None,
    now: datetime,
) -> None:
    """One event for those who follow facts, one audit row for those who ask who did it."""
    event_append(
        organization_id=charge_point.organization_id,
        kind=kind,
        charge_point_id=charge_point.pk,
        subject=charge_point.cp_id,
        data={"location": charge_point.location, "fingerprint": charge_point.certificate_fingerprint},
        now=now,
    )
    audit_record(
        actor=actor if isinstance(actor, User) else str(actor),
        action=kind,
        organization_id=charge_point.organization_id,
        object_type="charge_point",
        object_id=charge_point.cp_id,
        before=before,
        after=_facts(charge_point),
        remote_address=address,
        now=now,
    )


def _conflict(application: Application, certificate: Certificate | None) -> Conflict:
    """Which of the two unique values was taken, by whoever was quicker."""
    others = ChargePoint.objects.exclude(cp_id=application.cp_id)
    if certificate and others.filter(certificate_fingerprint=certificate.fingerprint).exists():
        return CertificateTaken()
    return AlreadyRegistered()
