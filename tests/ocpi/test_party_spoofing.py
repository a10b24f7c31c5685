"""Nobody writes for another party: in the address, the object or the OCPI-from headers (RELIABILITY T18)."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from django.db.models import Model

from central.models import Command, IdToken
from ocpi.models import (
    Delivery,
    Partner,
    ReceivedCdr,
    ReceivedCommand,
    ReceivedLocation,
    ReceivedSession,
    ReceivedTariff,
    ReceivedTariffVersion,
    ReceivedToken,
    SentCommand,
)
from ocpi.selectors.places import location_id_of
from registry.models import ChargePoint
from tests.ocpi import objects, roaming, rows
from tests.ocpi.conftest import now
from tests.ocpi.speaking import Speaker, also
from tests.ocpi.test_received_places import connector, evse, location, tariff
from tests.ocpi.test_tokens import token
from tests.support.server import LiveServer

Owner = tuple[str, str]
ME: Owner = ("NL", "TST")
VICTIM: Owner = ("FR", "VIC")
NEWER = {"last_updated": "2026-03-02T00:00:00Z"}
WRITTEN: tuple[type[Model], ...] = (
    Command, Delivery, IdToken, ReceivedCdr, ReceivedCommand, ReceivedLocation, ReceivedSession,
    ReceivedTariff, ReceivedTariffVersion, ReceivedToken, SentCommand,
)  # fmt: skip


@dataclass(frozen=True)
class Write:
    """A write; `address`, `inside` and `sender` say who is named there: me, the victim, or nobody."""

    version: str
    method: str
    path: str
    body: Callable[[str, Owner], Any]
    address: Owner = ME
    inside: Owner = ME
    sender: Owner | None = None

    def ask(self, speaker: Speaker, *, honest: bool = False) -> httpx2.Response:
        """Send it, as it is or with me wherever somebody is named."""
        address, inside = (ME, ME) if honest else (self.address, self.inside)
        sender = ME if honest and self.sender else self.sender
        headers = {"OCPI-from-country-code": sender[0], "OCPI-from-party-id": sender[1]} if sender else {}
        path = self.path.format(owner="/".join(address), of=address[1])
        return speaker(self.method, path, self.body(self.version, inside), headers)


def _owned(make: Callable[..., Any]) -> Callable[[str, Owner], Any]:
    return lambda version, owner: make(version, **objects.owned(version, owner))


def _patch(**changes: Any) -> Callable[[str, Owner], Any]:
    return lambda version, owner: {**objects.owned(version, owner), **changes, **NEWER}


def _cdr(cdr_id: str) -> Callable[[str, Owner], Any]:
    return lambda version, owner: objects.cdr(version, owner, id=cdr_id)


def _start(version: str, owner: Owner) -> Any:
    named = token(version, **objects.owned(version, owner))
    place = location_id_of(ChargePoint.objects.get())
    return {"response_url": "http://127.0.0.1:9/back", "token": named, "location_id": place}


LOCATION, SESSION = "receiver/locations/{owner}/LOC1", "receiver/sessions/{owner}/S1"
TARIFF, TOKEN, CDRS = "receiver/tariffs/{owner}/T1", "receiver/tokens/{owner}/04Ab11", "receiver/cdrs"
RESULT = "sender/commands/STOP_SESSION/handle-of-{of}"
THEIRS = {"address": VICTIM}
INSIDE = {"inside": VICTIM}
BOTH = {"address": VICTIM, "inside": VICTIM}
FROM = {"sender": VICTIM}
OBJECTS: dict[str, Callable[..., Any]] = {
    LOCATION: location,
    SESSION: objects.session,
    TARIFF: tariff,
    TOKEN: token,
    CDRS: objects.cdr,
}
WRITES = [
    Write("2.1.1", "PUT", LOCATION, _owned(location), **THEIRS),
    Write("2.2.1", "PUT", LOCATION, _owned(location), **BOTH),
    Write("2.3.0", "PUT", LOCATION, _owned(location), **INSIDE),
    Write("2.3.0", "PUT", f"{LOCATION}/E1", lambda version, _: evse(version, status="BLOCKED"), **THEIRS),
    Write("2.2.1", "PUT", f"{LOCATION}/E1/1", lambda version, _: connector(version), **THEIRS),
    Write("2.1.1", "PATCH", f"{LOCATION}/E1", lambda *_: {"status": "BLOCKED", **NEWER}, **THEIRS),
    Write("2.1.1", "PUT", SESSION, objects.session, **THEIRS),
    Write("2.2.1", "PUT", SESSION, objects.session, **INSIDE),
    Write("2.3.0", "PATCH", SESSION, _patch(kwh=99), **BOTH),
    Write("2.2.1", "PUT", SESSION, objects.session, **FROM),
    Write("2.1.1", "PATCH", TARIFF, _patch(currency="USD"), **THEIRS),
    Write("2.2.1", "PUT", TARIFF, _owned(tariff), **BOTH),
    Write("2.3.0", "PUT", TARIFF, _owned(tariff), **INSIDE),
    Write("2.1.1", "PUT", TOKEN, _owned(token), **THEIRS),
    Write("2.2.1", "PATCH", TOKEN, _patch(valid=False), **THEIRS),
    Write("2.3.0", "PUT", TOKEN, _owned(token), **FROM),
    Write("2.2.1", "POST", CDRS, _cdr("C2"), **INSIDE),
    Write("2.3.0", "POST", CDRS, _cdr("C3"), **FROM),
    Write("2.2.1", "POST", "receiver/commands/START_SESSION", _start, **INSIDE),
    Write("2.1.1", "POST", RESULT, lambda *_: {"result": "ACCEPTED"}, **THEIRS),
]


def test_t18_twenty_writes_for_another_party_are_refused(server: LiveServer, egress_open: None) -> None:
    """T18: 20 refused, not one row made or changed; each of them in one's own name is accepted."""
    organization = rows.organization("CPO", ocpi_roles=["CPO", "EMSP"])
    roaming.box(organization)
    victim, me = (
        also(rows.partner(organization, "CPO", "2.2.1", country_code=owner[0], party_id=owner[1]), "EMSP")
        for owner in (VICTIM, ME)
    )
    with ExitStack() as stack:
        speakers = {
            (row.pk, version): stack.enter_context(Speaker(server, row, version))
            for row in (victim, me)
            for version in rows.VERSIONS
        }
        for row, owner in ((victim, VICTIM), (me, ME)):
            _possess(speakers[row.pk, "2.2.1"], row, owner)
        before = _everything()
        for write in WRITES:
            answer = write.ask(speakers[me.pk, write.version])
            assert _code(answer) in {(200, 2001), (404, 2000)}, (write, answer.text)
        assert len(WRITES) == 20
        assert _everything() == before
        for write in WRITES:
            answer = write.ask(speakers[me.pk, write.version], honest=True)
            assert _code(answer)[1] == 1000, (write, answer.text)


def _possess(speaker: Speaker, row: Partner, owner: Owner) -> None:
    """One object of each kind, told by its owner, and a command of ours to it."""
    for path, make in OBJECTS.items():
        method = "POST" if path == CDRS else "PUT"
        body = make("2.2.1", **objects.owned("2.2.1", owner), **NEWER)
        answer = speaker(method, path.format(owner="/".join(owner)), body)
        assert _code(answer) == (201, 1000), (path, answer.text)
    SentCommand.objects.create(
        organization=row.organization,
        partner=row,
        module="commands",
        kind="STOP_SESSION",
        version="2.1.1",
        payload={},
        handle=f"handle-of-{owner[1]}",
        created_at=now(),
        deadline_at=now() + timedelta(minutes=5),
    )


def _code(answer: httpx2.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["status_code"]


def _everything() -> dict[str, list[Any]]:
    """All rows that such a write could make or change."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in WRITTEN}
