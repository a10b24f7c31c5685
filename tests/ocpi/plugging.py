"""A charge point of the operator, plugged in with a secret of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from registry.models import ChargePoint
from registry.services.credentials import credential_generate, credential_hash
from tests.support.charge_point import SyncChargePoint, plug_in
from tests.support.server import LiveServer

Plug = Callable[..., AbstractContextManager[SyncChargePoint]]
"""`charger(version, **handlers)`: connects it; `box=` another one."""


def plugging(server: LiveServer, box: ChargePoint) -> Plug:
    """The way to plug `box` in."""

    def make(version: str = "1.6", *, box: ChargePoint = box, **handlers: Any) -> Any:
        secret = credential_generate()
        ChargePoint.objects.filter(pk=box.pk).update(credential_hash=credential_hash(secret))
        return plug_in(server.ws("/ocpp"), box.cp_id, secret, version, handlers=handlers)

    return make
