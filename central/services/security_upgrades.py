"""The way to a higher security profile (A05): what it needs, the steps on the wire, and when it is done.

1.6: one configuration key; the charge point reconnects by itself. 2.x: a connection profile is stored in a
slot, the slot is put first, and after a restart the charge point connects with it. Seen means done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import (
    ChargePointStatus,
    Command,
    InstalledCertificate,
    IssuedCertificate,
    SecurityUpgrade,
    Variable,
)
from central.models.issued_certificate import CertificateKind, IssuedState
from central.models.security_change import UpgradeState
from central.services.authorities import signing_authority
from central.services.commands import command_create
from emobility.lib.errors import Conflict, Invalid
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.events import event_append

UPGRADE: Final = "security_profile_upgrade"
CHOOSE: Final = "security_profile_choose"
OPEN: Final = (UpgradeState.ASKED, UpgradeState.STORED, UpgradeState.CHOSEN)
HIGHEST: Final = 3
ROOT: Final = "CSMSRootCertificate"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a profile needs: whether it is there, and the order that would help."""

    words: str
    met: bool
    help: str = ""
    order: str = ""


def upgrade_needs(*, charge_point: ChargePoint, profile: int, now: datetime) -> list[Need]:
    """What the profile needs at this charge point (1.6 A05.FR.02-FR.04, 2.x A05.FR.02, FR.03)."""
    needs = []
    if profile < HIGHEST:
        needs.append(_password(charge_point))
    if profile > 1:
        needs.append(_root(charge_point))
    if profile == HIGHEST:
        needs += [_authority(charge_point), _certificate(charge_point, now)]
    return needs


def upgrade_request(
    *, charge_point: ChargePoint, params: Mapping[str, Any], now: datetime, **common: Any
) -> Command:
    """Begin an upgrade; an earlier one is given up. Raises Conflict (not higher, needs unmet), Invalid."""
    profile = int(params["profile"])
    if profile <= charge_point.security_profile:
        raise Conflict(_("The charge point has used this profile or a higher one already."))
    missing = [
        each.words
        for each in upgrade_needs(charge_point=charge_point, profile=profile, now=now)
        if not each.met
    ]
    if missing and not params.get("anyway"):
        raise Conflict(_("Missing: {what}.").format(what=", ".join(missing)))
    _check_address(charge_point, profile, params)
    with transaction.atomic():
        rows = SecurityUpgrade.objects.filter(charge_point=charge_point, state__in=OPEN)
        rows.update(state=UpgradeState.CANCELLED, changed_at=now, reason="another one was begun")
        command = command_create(charge_point=charge_point, order=UPGRADE, params=params, now=now, **common)
        SecurityUpgrade.objects.create(
            charge_point=charge_point,
            from_profile=charge_point.security_profile,
            to_profile=profile,
            slot=params.get("slot"),
            url=params.get("url", ""),
            restart=bool(params.get("restart")),
            command=command,
            created_at=now,
            changed_at=now,
        )
    return command


def upgrade_answered(*, command: Command, accepted: bool, status: str, now: datetime) -> None:
    """Apply the answer to the first step: refused, taken (1.6), or stored and chosen next (2.x)."""
    upgrade = SecurityUpgrade.objects.filter(command=command, state=UpgradeState.ASKED).first()
    if upgrade is None:
        return
    if not accepted:
        _move(upgrade, UpgradeState.REFUSED, now, reason=status)
    elif command.action == "ChangeConfiguration":
        _move(upgrade, UpgradeState.CHOSEN, now)
    else:
        upgrade.command = _next(command, CHOOSE, {"slots": _slots(upgrade)}, now)
        _move(upgrade, UpgradeState.STORED, now)


def choice_answered(*, command: Command, accepted: bool, status: str, now: datetime) -> None:
    """Apply the answer to the second step of 2.x: after a restart the charge point uses the slot."""
    upgrade = SecurityUpgrade.objects.filter(command=command, state=UpgradeState.STORED).first()
    if upgrade is None:
        return
    if not accepted:
        _move(upgrade, UpgradeState.REFUSED, now, reason=status)
        return
    if upgrade.restart:
        upgrade.command = _next(command, "reset", {"kind": "gentle"}, now)
    _move(upgrade, UpgradeState.CHOSEN, now)


def upgrade_cancel(*, upgrade: SecurityUpgrade, actor: User, now: datetime) -> None:
    """Wait no longer for an upgrade. Raises Conflict where it ended already."""
    if upgrade.state not in OPEN:
        raise Conflict(_("This upgrade has ended already."))
    _move(upgrade, UpgradeState.CANCELLED, now, reason="given up")
    audit_record(
        actor=actor,
        action="security_upgrade.cancelled",
        organization_id=upgrade.charge_point.organization_id,
        object_type="charge_point",
        object_id=upgrade.charge_point.cp_id,
        now=now,
    )


def version_of(charge_point: ChargePoint) -> str:
    """The version that it spoke last; 1.6 where it never did."""
    rows = ChargePointStatus.objects.filter(charge_point=charge_point)
    return rows.values_list("ocpp_version", flat=True).first() or "1.6"


def _password(charge_point: ChargePoint) -> Need:
    return Need(
        _("a password"),
        bool(charge_point.credential_hash),
        _("The charge point proves itself with a password; rotate it where you do not know it."),
        "password_rotate",
    )


def _root(charge_point: ChargePoint) -> Need:
    inside = InstalledCertificate.objects.filter(
        charge_point=charge_point, certificate_type=ROOT, removed_at=None
    )
    return Need(
        _("the CA certificate of this platform inside the charge point"),
        charge_point.security_profile > 1 or inside.exists(),
        _("It must know who signed this platform's TLS certificate. List what is inside, or install it."),
        "install_certificate",
    )


def _authority(charge_point: ChargePoint) -> Need:
    return Need(
        _("a certificate authority that signs for charge points"),
        signing_authority(charge_point.organization_id, "charging_station") is not None,
        _("Add one under Certificate authorities."),
    )


def _certificate(charge_point: ChargePoint, now: datetime) -> Need:
    good = IssuedCertificate.objects.filter(
        charge_point=charge_point,
        certificate_type=CertificateKind.CHARGING_STATION,
        state__in=(IssuedState.ACCEPTED, IssuedState.ACTIVE),
        not_after__gt=now,
    )
    return Need(
        _("a certificate of its own"),
        good.exists(),
        _("Ask the charge point to have one signed; it is ready when the charge point took it."),
        "certificate_renew",
    )


def _check_address(charge_point: ChargePoint, profile: int, params: Mapping[str, Any]) -> None:
    if version_of(charge_point) == "1.6":
        return
    if not params.get("url") or params.get("slot") is None:
        message = _("OCPP 2.x needs the address to connect to, and the slot to keep it in.")
        raise Invalid(message, {"url" if not params.get("url") else "slot": message})
    scheme = str(params["url"]).partition(":")[0]
    if scheme != ("ws" if profile == 1 else "wss"):
        message = _("Profile 1 connects to ws://, the others to wss://.")
        raise Invalid(message, {"url": message})


def _slots(upgrade: SecurityUpgrade) -> str:
    """The new slot first, then those that the charge point tries now, as far as it told."""
    told = Variable.objects.filter(
        charge_point=upgrade.charge_point, variable__iexact="NetworkConfigurationPriority"
    ).first()
    tried = told.value.split(",") if told else []
    others = [each.strip() for each in tried if each.strip().isdigit()]
    return ",".join(dict.fromkeys([str(upgrade.slot), *others]))


def _next(command: Command, order: str, params: dict[str, Any], now: datetime) -> Command:
    return command_create(
        charge_point=command.charge_point,
        order=order,
        params=params,
        requested_by=None,
        reason=command.reason,
        source=command.source,
        now=now,
    )


def _move(upgrade: SecurityUpgrade, state: UpgradeState, now: datetime, reason: str = "") -> None:
    upgrade.state, upgrade.changed_at, upgrade.reason = state, now, reason[:200]
    upgrade.save(update_fields=["state", "changed_at", "reason", "command"])
    event_append(
        organization_id=upgrade.charge_point.organization_id,
        charge_point_id=upgrade.charge_point_id,
        kind=f"security.upgrade_{state}",
        subject=upgrade.charge_point.cp_id,
        data={"from": upgrade.from_profile, "to": upgrade.to_profile, "reason": reason[:200]},
        now=now,
    )
