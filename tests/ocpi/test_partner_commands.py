"""Commands from provider to charger and back, over HTTP and OCPP (OCPI 2.2.1 §13, 2.1.1; T15, T17)."""

from datetime import timedelta
from typing import Any

import pytest

from central.models import Command, IdToken, Reservation, Session
from central.services.reservations import reservation_update
from ocpi.models import Delivery, Partner, SentCommand
from ocpi.selectors.places import location_id_of
from ocpi.services.received_commands import commands_overdue
from ocpi.services.sent_commands import Wish
from registry.models import ChargePoint, Organization
from tests.ocpi import roaming
from tests.ocpi.commanding import TOKEN, finished, send, start
from tests.ocpi.conftest import now
from tests.ocpi.plugging import Plug, plugging
from tests.ocpi.pushing import push_all
from tests.support.server import LiveServer
from tests.support.wait import eventually

START_1_6, START_2 = "RemoteStartTransaction", "RequestStartTransaction"


@pytest.fixture
def box(cpo: Organization) -> ChargePoint:
    return roaming.box(cpo)


@pytest.fixture
def charger(server: LiveServer, cpo: Organization) -> Plug:
    return plugging(server, roaming.box(cpo))


@pytest.mark.parametrize(("version", "action"), [("1.6", START_1_6), ("2.0.1", START_2), ("2.1", START_2)])
def test_start_from_the_app_to_the_charger_and_back(
    linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint, version: str, action: str
) -> None:
    """§13.1: accepted at once, the result later; session and reference are the driver's (§13.3.5)."""
    provider, operator = linked
    with charger(version, **{action: {"status": "Accepted"}}) as plugged:
        plugged.boot()
        row = send(operator, start(box, authorization_reference="REF-9"))
        assert (row.response, row.result) == ("ACCEPTED", "")
        assert finished(row, provider).result == "ACCEPTED"
        (call,) = [frame for frame in plugged.calls if frame[0] == action]
        tag = call[1]["idTag"] if version == "1.6" else call[1]["idToken"]["idToken"]
        assert tag == "APP-USER-4711"
        plugged.call(*plugged.start(tag).stop(1000))
    session = Session.objects.get()
    for told in roaming.told(session):
        assert told["authorization_reference"] == "REF-9"
    assert (session.authorization_status, session.authorization_reference) == ("Accepted", "REF-9")
    assert (session.id_token and str(session.id_token.party)) == "NL-MSP"
    ordered = Command.objects.get()
    assert (ordered.source, ordered.params["evse_number"]) == ("ocpi", 1)


def test_a_uid_too_long_for_1_6_goes_by_another_name(
    linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint
) -> None:
    """The charger gets 20 characters, session and CDR the provider's uid."""
    provider, operator = linked
    uid = "8a5e1c1e-27f3-4d3e-b5a0-8e9c0a6d4f11"
    with charger(**{START_1_6: {"status": "Accepted"}}) as plugged:
        plugged.boot()
        row = send(operator, start(box, token={**TOKEN, "uid": uid}))
        assert finished(row, provider).result == "ACCEPTED"
        tag = next(frame for frame in plugged.calls if frame[0] == START_1_6)[1]["idTag"]
        assert len(tag) == 20
        plugged.start(tag)
    assert IdToken.objects.get(uid=tag).roaming_uid == uid
    assert Session.objects.get().authorization_status == "Accepted"


@pytest.mark.parametrize(
    ("answer", "result"),
    [({"status": "Rejected"}, "REJECTED"), (None, "TIMEOUT")],
)
def test_every_command_gets_a_result(
    linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint, answer: Any, result: str
) -> None:
    """§13.4.2: what the charger says, TIMEOUT at the limit where it says nothing."""
    provider, operator = linked
    with charger(**({START_1_6: answer} if answer else {})) as plugged:
        plugged.boot()
        row = send(operator, start(box))
        if answer is None:
            commands_overdue(now=now() + timedelta(seconds=44))
            assert not Delivery.objects.filter(module="commands").exists()
            commands_overdue(now=now() + timedelta(seconds=46))
        assert finished(row, provider).result == result


def test_an_offline_charger_is_waited_for_until_the_limit(
    linked: tuple[Partner, Partner], box: ChargePoint
) -> None:
    provider, operator = linked
    row = send(operator, start(box))
    assert row.response == "ACCEPTED"
    commands_overdue(now=now() + timedelta(seconds=46))
    assert finished(row, provider).result == "TIMEOUT"


def test_stop_and_unlock(linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint) -> None:
    """§13.3.6, §13.3.7: its own driver's session ends; somebody else's cable stays locked."""
    provider, operator = linked
    party = roaming.provider(box.organization, "NL", "MSP")
    session = roaming.running(box.organization, roaming.card(box.organization, party), transaction_id="77")
    unlock = Wish(
        "commands",
        "UNLOCK_CONNECTOR",
        {"location_id": location_id_of(box), "evse_uid": f"{box.cp_id}-1", "connector_id": "1"},
    )
    answers = {
        "RemoteStopTransaction": {"status": "Accepted"},
        "UnlockConnector": {"status": "UnlockFailed"},
    }
    with charger(**answers) as plugged:
        plugged.boot()
        stop = send(operator, Wish("commands", "STOP_SESSION", {"session_id": str(session.uid).upper()}))
        assert stop.response == "ACCEPTED", stop.message
        assert finished(stop, provider).result == "ACCEPTED"
        assert finished(send(operator, unlock), provider).result == "FAILED"
        session.id_token = None
        session.save()
        refused = send(operator, unlock)
    assert (refused.response, refused.message) == ("REJECTED", "Another driver charges there.")
    unknown = send(operator, Wish("commands", "STOP_SESSION", {"session_id": str(session.uid)}))
    assert unknown.response == "UNKNOWN_SESSION"


def reserve(box: ChargePoint, reservation_id: str = "R-1", **changes: Any) -> Wish:
    until = (now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    place = {"location_id": location_id_of(box), "evse_uid": f"{box.cp_id}-1"}
    body = {"token": TOKEN, "expiry_date": until, "reservation_id": reservation_id, **place, **changes}
    return Wish("commands", "RESERVE_NOW", body)


def test_reservations_of_a_partner(linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint) -> None:
    """§13.3.3: our number at the charger, the same id again replaces, the partner alone can cancel."""
    provider, operator = linked
    answers = {"ReserveNow": {"status": "Accepted"}, "CancelReservation": {"status": "Accepted"}}
    with charger(**answers) as plugged:
        plugged.boot()
        for _ in range(2):
            assert finished(send(operator, reserve(box)), provider).result == "ACCEPTED"
        numbers = {frame[1]["reservationId"] for frame in plugged.calls if frame[0] == "ReserveNow"}
        assert numbers == {Reservation.objects.get().number}
        cancel = Wish("commands", "CANCEL_RESERVATION", {"reservation_id": "r-1"})
        assert finished(send(operator, cancel), provider).result == "ACCEPTED"
        assert Reservation.objects.get().state == "cancelled"
        unknown = send(operator, Wish("commands", "CANCEL_RESERVATION", {"reservation_id": "R-2"}))
    assert unknown.response == "REJECTED"
    assert not SentCommand.objects.filter(result="CANCELED_RESERVATION").exists()


def test_a_reservation_that_the_charger_gives_back_is_told(
    linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint
) -> None:
    """§13.1: CANCELED_RESERVATION at the address of the RESERVE_NOW."""
    provider, operator = linked
    with charger("2.0.1", ReserveNow={"status": "Accepted"}) as plugged:
        plugged.boot()
        row = finished(send(operator, reserve(box)), provider)
        assert row.result == "ACCEPTED"
    reservation_update(
        organization_id=box.organization_id,
        charge_point_id=box.pk,
        number=Reservation.objects.get().number,
        status="Removed",
        now=now(),
    )

    def told() -> bool:
        push_all(now(), provider)
        row.refresh_from_db()
        return row.result == "CANCELED_RESERVATION"

    eventually(told)


def test_occupied_is_told_as_such(linked: tuple[Partner, Partner], charger: Plug, box: ChargePoint) -> None:
    """§13.4.2: the charger's word for a reservation, what we know of the EVSE for a start."""
    provider, operator = linked
    answers = {"ReserveNow": {"status": "Occupied"}, START_1_6: {"status": "Rejected"}}
    with charger(**answers) as plugged:
        plugged.boot()
        assert finished(send(operator, reserve(box)), provider).result == "EVSE_OCCUPIED"
        roaming.running(box.organization, evse_number=1)
        assert finished(send(operator, start(box)), provider).result == "EVSE_OCCUPIED"
