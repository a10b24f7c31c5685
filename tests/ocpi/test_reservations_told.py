"""Reservations of partners' drivers as sessions: one object from beginning to end (OCPI 2.2.1 §9.1.4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from billing.services.cdrs import cdr_create
from central.models import Reservation, Session
from ocpi.models import Partner, ReceivedSession, ReservedSession, SealedCdr
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.modules.sessions.schema import SESSION
from ocpi.selectors.places import location_id_of
from ocpi.services.reserved_sessions import reserved_keep, reserved_missing
from ocpi.services.sent_commands import Wish
from registry.models import ChargePoint, Organization
from tests.ocpi import roaming, rows
from tests.ocpi.commanding import TOKEN, finished, send
from tests.ocpi.conftest import now
from tests.ocpi.plugging import Plug, plugging
from tests.ocpi.pushing import push_all
from tests.support.server import LiveServer
from tests.support.wait import eventually


@pytest.fixture
def box(cpo: Organization) -> ChargePoint:
    return roaming.box(cpo)


@pytest.fixture
def charger(server: LiveServer, box: ChargePoint) -> Plug:
    return plugging(server, box)


def reserve(box: ChargePoint) -> Wish:
    words: dict[str, Any] = {
        "token": TOKEN, "location_id": location_id_of(box), "evse_uid": f"{box.cp_id}-1",
        "reservation_id": "R-1", "authorization_reference": "REF-1",
        "expiry_date": (now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    return Wish("commands", "RESERVE_NOW", words)


def told(provider: Partner, status: str) -> ReceivedSession:
    """The one session that the provider knows, once it has that status."""

    def found() -> ReceivedSession | None:
        push_all(now() + timedelta(minutes=1), provider)
        return ReceivedSession.objects.filter(payload__status=status).first()

    eventually(found)
    row = ReceivedSession.objects.get()
    SESSION.parse(row.payload, row.version)
    return row


def test_from_the_reservation_to_the_end(
    linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint
) -> None:
    """RESERVATION, then ACTIVE and COMPLETED under the same id, which commands and the CDR name as well."""
    provider, operator = linked
    with charger(
        "1.6", ReserveNow={"status": "Accepted"}, RemoteStopTransaction={"status": "Accepted"}
    ) as plug:
        plug.boot()
        assert finished(send(operator, reserve(box)), provider).result == "ACCEPTED"
        first = told(provider, "RESERVATION")
        assert (first.payload["kwh"], first.payload["evse_uid"]) == (0, f"{box.cp_id}-1")
        assert first.payload["cdr_token"]["uid"] == TOKEN["uid"]
        assert first.payload["auth_method"] == "COMMAND"
        assert first.payload["authorization_reference"] == "REF-1"
        charge = plug.start("APP-USER-4711", reservationId=Reservation.objects.get().number)
        assert told(provider, "ACTIVE").object_id == first.object_id
        stop = Wish("commands", "STOP_SESSION", {"session_id": first.object_id})
        assert finished(send(operator, stop), provider).result == "ACCEPTED"
        plug.call(*charge.stop(1000))
        assert told(provider, "COMPLETED").payload["kwh"] == 1
    session = Session.objects.get()
    assert str(session.uid) != first.object_id
    cdr_create(session_id=session.pk, now=now())
    cdrs_seal_missing(now=now())
    assert SealedCdr.objects.get().payload["session_id"] == first.object_id


def test_nobody_came(linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint) -> None:
    """COMPLETED without energy; a bell that was missed is made up for; the list has it, too."""
    provider, operator = linked
    with charger("1.6", ReserveNow={"status": "Accepted"}) as plug:
        plug.boot()
        send(operator, reserve(box))
        told(provider, "RESERVATION")
        held = Reservation.objects.get()
        Reservation.objects.filter(pk=held.pk).update(state="expired")
        assert reserved_missing(now=now()) == {provider.pk}
    last = told(provider, "COMPLETED")
    assert (last.payload["kwh"], ReservedSession.objects.get().session) == (0, None)


@pytest.mark.django_db
@pytest.mark.parametrize("version", rows.VERSIONS)
def test_the_list_has_both(settings: LazySettings, version: str) -> None:
    """Sessions and unused reservations, oldest first, page by page; 2.1.1 has no word for the latter."""
    cpo = rows.organization("CPO")
    asker = rows.Asker(rows.partner(cpo, "EMSP", version), settings)
    first, token = roaming.running(cpo), roaming.card(cpo, roaming.provider(cpo))
    held = Reservation.objects.create(
        organization=cpo, charge_point=roaming.box(cpo), number=5, id_tag=token.uid, state="active",
        expires_at=now(), requested_at=now(), changed_at=now(),
    )  # fmt: skip
    reserved_keep(reservation_ids=[held.pk], now=now())
    last = roaming.running(cpo, token, start_received_at=now())
    row = ReservedSession.objects.get()
    wanted = [str(key) for key in (first.uid, row.uid, last.uid) if key != row.uid or version != "2.1.1"]
    path = "sender/sessions?date_from=2020-01-01T00:00:00Z"
    assert [each["id"] for each in asker.data("GET", path)] == wanted
    assert [asker.data("GET", f"{path}&limit=1&offset={n}")[0]["id"] for n in range(len(wanted))] == wanted
    if version != "2.1.1":
        told = asker.data("GET", path)[1]
        SESSION.parse(told, version)
        assert (told["status"], told["evse_uid"], told["auth_method"]) == ("RESERVATION", "#NA", "WHITELIST")
