"""Monitors at Central: they announce their charge point and report the health of its engine.

What a monitor says is kept beside the OCPP state; it ends no session. The engine's address is stored as
text: nothing here ever resolves or dials it.
"""

import re
from datetime import datetime
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from central.models import ChargePointStatus
from central.models.charge_point_status import MonitorState
from central.signals import charge_point_changed
from emobility.lib import bell
from emobility.lib.errors import Forbidden, Invalid
from registry.identifiers import cp_id_check
from registry.models import ChargePoint
from registry.services.events import event_append
from registry.services.organizations import organization_default
from registry.services.tokens import (
    Deregistered,
    InvalidToken,
    charge_point_by_token,
    charge_point_token_verify,
)

MAX_REASON_LENGTH = 255
HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")

log = structlog.get_logger("central.enrolment")


class ForeignToken(Forbidden):
    """The token is another charge point's."""

    def __init__(self) -> None:
        super().__init__(str(_("Token cp_id does not match registration")))


def charge_point_announce(
    *, cp_id: str, host: str, port: int, token: str, on_this_machine: bool, now: datetime
) -> ChargePointStatus:
    """Note where a registered charge point's engine listens; `token` is its own from the Registry.

    `on_this_machine` tells whether the caller is on loopback: only then development switches count.
    Raises InvalidToken, ForeignToken, Deregistered, Invalid.
    """
    _check_address(host, port)
    charge_point = _admit(cp_id, token, on_this_machine, now)
    with transaction.atomic():
        state, is_new = ChargePointStatus.objects.get_or_create(charge_point=charge_point)
        is_new = is_new or not state.engine_host
        state.engine_host, state.engine_port = host, port
        state.save(update_fields=["engine_host", "engine_port"])
        event_append(
            organization_id=charge_point.organization_id,
            kind="charge_point.announced",
            charge_point_id=charge_point.pk,
            subject=cp_id,
            data={"new": is_new},
            now=now,
        )
        bell.after_commit(charge_point_changed, charge_point_id=charge_point.pk)
    log.info("CP %s validated via EV_Registry (location: %s)", cp_id, charge_point.location)
    log.info("Registered new CP: %s" if is_new else "Updated existing CP: %s", cp_id)
    return state


def monitor_report(
    *, cp_id: str, fault: bool, reason: str = "", token: str, on_this_machine: bool, now: datetime
) -> ChargePointStatus:
    """Note that the monitor finds its engine faulty or well again; a repetition writes no further event.

    Raises InvalidToken, ForeignToken, Deregistered, Invalid.
    """
    _check_reason(reason)
    charge_point = _admit(cp_id, token, on_this_machine, now)
    wanted = MonitorState.FAULT if fault else MonitorState.HEALTHY
    with transaction.atomic():
        ChargePointStatus.objects.get_or_create(charge_point=charge_point)
        state = ChargePointStatus.objects.select_for_update().get(charge_point=charge_point)
        if (state.monitor_state, state.monitor_reason) == (wanted, reason):
            return state
        state.monitor_state, state.monitor_reason, state.monitor_at = wanted, reason, now
        state.save(update_fields=["monitor_state", "monitor_reason", "monitor_at"])
        event_append(
            organization_id=charge_point.organization_id,
            kind="monitor.fault" if fault else "monitor.recovered",
            charge_point_id=charge_point.pk,
            subject=cp_id,
            data={"reason": reason},
            now=now,
        )
        bell.after_commit(charge_point_changed, charge_point_id=charge_point.pk)
    log.warning("CP fault: %s" if fault else "CP recovered: %s", cp_id, reason=reason)
    return state


def _admit(cp_id: str, token: str, on_this_machine: bool, now: datetime) -> ChargePoint:
    if not token:
        return _admit_without_token(cp_id, on_this_machine, now)
    if charge_point_token_verify(token, now).subject != cp_id:
        raise ForeignToken
    return charge_point_by_token(token, now)


def _admit_without_token(cp_id: str, on_this_machine: bool, now: datetime) -> ChargePoint:
    """Development only: a charge point without a secret, or the documents' refusal of an unknown one."""
    cp_id_check(cp_id)
    known = ChargePoint.objects.filter(cp_id=cp_id).first()
    if settings.CENTRAL_ALLOW_UNREGISTERED and on_this_machine:
        if known is None:
            return _create_without_secret(cp_id, now)
        if known.is_registered and not known.credential_hash:
            return known
    if settings.REGISTRY_OPEN_REGISTRATION and on_this_machine and (known is None or not known.is_registered):
        log.warning("CP %s attempted to register but not found in EV_Registry", cp_id)
        raise Deregistered
    raise InvalidToken


def _create_without_secret(cp_id: str, now: datetime) -> ChargePoint:
    try:
        with transaction.atomic():
            return ChargePoint.objects.create(
                cp_id=cp_id, organization=organization_default(now), location="Unknown", registered_at=now
            )
    except IntegrityError:
        return ChargePoint.objects.get(cp_id=cp_id)


def _check_address(host: str, port: int) -> None:
    faults = {}
    if not _is_host(host):
        faults["cp_e_host"] = str(_("cp_e_host must be a host name or an IP address."))
    if not 1 <= port <= 65535:
        faults["cp_e_port"] = str(_("cp_e_port must be a number from 1 to 65535."))
    if faults:
        raise Invalid(" ".join(faults.values()), faults)


def _is_host(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return len(host) <= 253 and all(HOST_LABEL.fullmatch(label) for label in labels)
    return len(host) <= 253


def _check_reason(reason: str) -> None:
    if len(reason) > MAX_REASON_LENGTH or any(ord(char) < 32 for char in reason):
        message = str(_("reason must be one line of at most 255 characters."))
        raise Invalid(message, {"reason": message})
