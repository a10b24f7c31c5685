"""New passwords for charge points, such that the one that a charge point really holds always lets it in (T8).

The password is made when the order leaves, its hash committed as the second candidate before the frame goes;
the password itself is stored nowhere. Then:

- answered Accepted: only the new one is good (A01.FR.03); `pending` repeats it until its first use;
- answered otherwise: only the old one is good (A01.FR.04);
- taken with a reboot to come, or not answered (timeout, connection lost, killed process): both are good until
  one is used. The use of the old one ends the new one only when the order is no longer under way, and never
  while a reboot is awaited.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from central.models import Command, PasswordRotation
from central.models.command import CommandState
from central.models.security_change import RotationState
from central.services.commands import command_create
from emobility.lib.errors import Conflict
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.credentials import credential_generate, credential_hash
from registry.services.events import event_append

ROTATE: Final = "password_rotate"
UNDER_WAY: Final = (CommandState.QUEUED, CommandState.SENT)
UNSETTLED: Final = (RotationState.QUEUED, RotationState.OPEN, RotationState.ACCEPTED)


class RotationUnderWay(Conflict):
    """Another new password is on its way, or waits for its first use."""

    code = "rotation_under_way"


def rotation_request(*, charge_point: ChargePoint, params: Any, now: datetime, **common: Any) -> Command:
    """Queue a rotation. Raises RotationUnderWay, Conflict."""
    with transaction.atomic():
        ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point.pk)
        waiting = Command.objects.filter(charge_point=charge_point, order=ROTATE, state__in=UNDER_WAY)
        is_open = PasswordRotation.objects.filter(charge_point=charge_point, state=RotationState.OPEN)
        if waiting.exists() or is_open.exists():
            raise RotationUnderWay(
                _("A new password is on its way already. It is settled when the charge point connects again.")
            )
        command = command_create(charge_point=charge_point, order=ROTATE, params=params, now=now, **common)
        PasswordRotation.objects.create(charge_point=charge_point, command=command, created_at=now)
    return command


def rotation_leave(*, command: Command, now: datetime) -> str:
    """The new password, once: its hash is a candidate from now on. Raises ValueError where one is open."""
    rotation, _new = PasswordRotation.objects.get_or_create(
        command=command, defaults={"charge_point_id": command.charge_point_id, "created_at": now}
    )
    is_open = PasswordRotation.objects.filter(
        charge_point_id=command.charge_point_id, state=RotationState.OPEN
    )
    if is_open.exists():
        raise ValueError("Another new password waits for its first use.")
    password = credential_generate()
    rotation.candidate_hash = credential_hash(password)
    rotation.state, rotation.sent_at = RotationState.OPEN, now
    rotation.save(update_fields=["candidate_hash", "state", "sent_at"])
    ChargePoint.objects.filter(pk=command.charge_point_id).update(
        pending_credential_hash=rotation.candidate_hash
    )
    return password


def rotation_answered(*, command_id: int, status: str, now: datetime) -> bool:
    """Apply an answer; True where the charge point took the new password."""
    with transaction.atomic():
        rows = PasswordRotation.objects.select_for_update(of=("self",)).select_related("charge_point")
        rotation = rows.filter(command_id=command_id, state=RotationState.OPEN).first()
        if rotation is None:
            return status in {"Accepted", "RebootRequired"}
        rotation.answered = status[:30]
        if status == "RebootRequired":
            rotation.needs_reboot = True
            rotation.save(update_fields=["answered", "needs_reboot"])
            return True
        if status == "Accepted":
            _take_new(rotation, now)
        else:
            _keep_old(rotation, now)
    return status == "Accepted"


def rotation_login(*, charge_point: ChargePoint, now: datetime) -> None:
    """A login with a password succeeded while a second candidate existed: one of the two is proved.

    `charge_point.proved_pending` tells which (registry.services.authentication).
    """
    hashes = [charge_point.credential_hash, charge_point.pending_credential_hash]
    rows = PasswordRotation.objects.filter(charge_point=charge_point, candidate_hash__in=hashes)
    rotation = rows.filter(state__in=UNSETTLED).select_related("command", "charge_point").first()
    if rotation is None:
        return
    if rotation.candidate_hash == charge_point.credential_hash:
        _prove(rotation, charge_point, now)
    elif not rotation.needs_reboot and rotation.command.state not in UNDER_WAY:
        _keep_old(rotation, now)


def rotation_give_up(*, rotation: PasswordRotation, actor: User, now: datetime) -> None:
    """End a rotation whose new password was never used; the old one stays. Raises Conflict."""
    with transaction.atomic():
        rows = PasswordRotation.objects.select_for_update(of=("self",)).select_related("charge_point")
        found = rows.filter(pk=rotation.pk, state=RotationState.OPEN).first()
        if found is None or found.command.state in UNDER_WAY:
            raise Conflict(_("There is nothing to give up."))
        _keep_old(found, now)
        audit_record(
            actor=actor,
            action="password_rotation.given_up",
            organization_id=found.charge_point.organization_id,
            object_type="charge_point",
            object_id=found.charge_point.cp_id,
            now=now,
        )


def rotations_sweep(*, now: datetime) -> int:
    """Settle what was proved elsewhere (the Registry's login, a new registration) or never left; how many."""
    overdue = now - timedelta(minutes=1)
    rows = PasswordRotation.objects.filter(state__in=UNSETTLED, created_at__lte=overdue)
    never = rows.filter(state=RotationState.QUEUED).exclude(command__state__in=UNDER_WAY)
    count = never.update(state=RotationState.DROPPED, settled_at=now)
    current = Q(candidate_hash=F("charge_point__credential_hash"))
    pending = Q(candidate_hash=F("charge_point__pending_credential_hash"))
    sent = rows.exclude(state=RotationState.QUEUED).exclude(pending)
    count += _settle(sent.filter(current), RotationState.PROVED, now)
    return count + _settle(sent.exclude(current), RotationState.KEPT_OLD, now)


def _settle(rows: Any, state: RotationState, now: datetime) -> int:
    numbers: Sequence[int] = list(rows.values_list("pk", flat=True)[:500])
    return PasswordRotation.objects.filter(pk__in=numbers).update(state=state, settled_at=now)


def _take_new(rotation: PasswordRotation, now: datetime) -> None:
    """The new password is the only one; that the second field repeats it tells its first use."""
    rows = ChargePoint.objects.filter(
        pk=rotation.charge_point_id, pending_credential_hash=rotation.candidate_hash
    )
    rows.update(credential_hash=rotation.candidate_hash)
    _move(rotation, RotationState.ACCEPTED, "password.accepted", now)


def _keep_old(rotation: PasswordRotation, now: datetime) -> None:
    rows = ChargePoint.objects.filter(
        pk=rotation.charge_point_id, pending_credential_hash=rotation.candidate_hash
    )
    rows.update(pending_credential_hash="")
    _move(rotation, RotationState.KEPT_OLD, "password.kept", now)


def _prove(rotation: PasswordRotation, charge_point: ChargePoint, now: datetime) -> None:
    """The new password was used: tokens that the old one gave die with it, unless the login ended them.

    A further candidate that left in this moment is none of its business.
    """
    with transaction.atomic():
        here = ChargePoint.objects.filter(pk=charge_point.pk)
        if rotation.state == RotationState.ACCEPTED:
            here.update(token_version=F("token_version") + 1)
        here.filter(pending_credential_hash=rotation.candidate_hash).update(pending_credential_hash="")
        _move(rotation, RotationState.PROVED, "password.proved", now)
    charge_point.refresh_from_db(fields=["token_version"])


def _move(rotation: PasswordRotation, state: RotationState, kind: str, now: datetime) -> None:
    rotation.state, rotation.settled_at = state, now
    rotation.save(update_fields=["state", "settled_at", "answered"])
    event_append(
        organization_id=rotation.charge_point.organization_id,
        charge_point_id=rotation.charge_point_id,
        kind=kind,
        subject=rotation.charge_point.cp_id,
        data={"rotation_id": rotation.pk},
        now=now,
    )
