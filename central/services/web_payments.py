"""Payments begun on the web: the EVSE is kept from others while a driver pays (2.1 C25.FR.21, FR.22)."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from central.models import Command, WebPayment
from central.models.payment import WebPaymentState
from central.services.commands import DEFAULT_TTL, command_create
from registry.models import ChargePoint

WEB_PAYMENT: Final = "web_payment_started"


def web_payment_request(
    *, charge_point: ChargePoint, evse_number: int, timeout_s: int, now: datetime, **common: Any
) -> Command:
    """Queue the notice with a row of its own; it makes no sense after the time-out."""
    params = {"evse_number": evse_number, "timeout_s": timeout_s}
    ttl = min(common.pop("ttl", DEFAULT_TTL), timedelta(seconds=timeout_s))
    with transaction.atomic():
        command = command_create(
            charge_point=charge_point, order=WEB_PAYMENT, params=params, ttl=ttl, now=now, **common
        )
        _new(command, evse_number, timeout_s, now)
    return command


def web_payment_told(*, command: Command, evse_number: int, timeout_s: int, now: datetime) -> bool:
    """The charge point knows: the EVSE is kept from now on for `timeout_s`. Its answer is empty: True."""
    with transaction.atomic():
        row = WebPayment.objects.select_for_update(of=("self",)).filter(command=command).first()
        row = row or _new(command, evse_number, timeout_s, now)
        row.state, row.changed_at = WebPaymentState.TOLD, now
        row.expires_at = now + timedelta(seconds=timeout_s)
        row.save(update_fields=["state", "changed_at", "expires_at"])
    return True


def _new(command: Command, evse_number: int, timeout_s: int, now: datetime) -> WebPayment:
    return WebPayment.objects.create(
        charge_point_id=command.charge_point_id,
        evse_number=evse_number,
        timeout_s=timeout_s,
        state=WebPaymentState.REQUESTED,
        changed_at=now,
        created_at=now,
        command=command,
    )
