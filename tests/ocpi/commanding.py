"""Commands of a provider, sent by hand, and the way of their results."""

from datetime import timedelta
from typing import Any

from ocpi.models import Partner, SentCommand
from ocpi.selectors.places import location_id_of
from ocpi.services.sent_commands import Wish, command_send
from registry.models import ChargePoint
from tests.ocpi.conftest import now
from tests.ocpi.pushing import push_all
from tests.support.wait import eventually

STAMP = "2026-03-01T08:00:00Z"
TOKEN = {
    "country_code": "NL",
    "party_id": "MSP",
    "uid": "APP-USER-4711",
    "type": "APP_USER",
    "contract_id": "NL-MSP-C1",
    "issuer": "Drivers",
    "valid": True,
    "whitelist": "NEVER",
    "last_updated": STAMP,
}


def start(box: ChargePoint, **changes: Any) -> Wish:
    place = {"location_id": location_id_of(box), "evse_uid": f"{box.cp_id}-1"}
    return Wish("commands", "START_SESSION", {"token": TOKEN, **place, **changes})


def send(operator: Partner, wish: Wish) -> SentCommand:
    return command_send(partner=operator, wish=wish, now=now())


def finished(row: SentCommand, provider: Partner) -> SentCommand:
    """The command once its result came back through the operator's outbox."""

    def told() -> bool:
        push_all(now() + timedelta(minutes=1), provider)
        row.refresh_from_db()
        return bool(row.result)

    eventually(told)
    return row
