"""The main journey over a real socket: plug in, charge, stop, in every version; repeats and orders."""

from dataclasses import dataclass

import pytest

from central.models import ChargePointStatus, Command, Connector, MeterValue, Session, SessionEvent
from central.models.session import SessionState
from central.services.commands import remote_start, remote_stop
from emobility.lib.clock import utc_now
from registry.models import ChargePoint, Organization
from registry.services.credentials import credential_generate, credential_hash
from tests.support.charge_point import plug_in
from tests.support.handlers import charge_point_create, token_create
from tests.support.messages import Transaction, token_status
from tests.support.wait import eventually

pytestmark = pytest.mark.integration
VERSIONS = ["1.6", "2.0.1", "2.1"]
BUSY = {"1.6": "Charging", "2.0.1": "Occupied", "2.1": "Occupied"}


@dataclass
class Driver:
    """A charge point that can be plugged in, and the card at it."""

    row: ChargePoint
    secret: str
    url: str

    def plug_in(self, version, **options):
        """Connect."""
        return plug_in(self.url, self.row.cp_id, self.secret, version, **options)

    def session(self):
        """Its only session."""
        return Session.objects.get(charge_point=self.row)


@pytest.fixture
def driver(server):
    """A registered charge point and a card that may charge there."""
    organization = Organization.objects.create(name="Amber", slug="amber", is_default=True)
    token_create(organization)
    secret = credential_generate()
    row = charge_point_create(organization, "AMBER-1", credential_hash=credential_hash(secret))
    return Driver(row, secret, server.ws("/ocpp"))


@pytest.mark.parametrize("version", VERSIONS)
def test_plug_in_charge_and_leave(driver, version):
    with driver.plug_in(version) as charger:
        assert charger.boot()["status"] == "Accepted"
        charger.status(1, "Available")
        assert charger.authorize("TAG-1") == "Accepted"
        transaction = charger.start(wh=1000)
        charger.status(1, BUSY[version])
        charger.call(*transaction.meter(1200))
        running = driver.session()
        assert (running.state, running.energy_wh) == (SessionState.ACTIVE, 200)
        assert Connector.objects.get().status == BUSY[version]
        answer = charger.call(*transaction.stop(1800))
        assert token_status(answer) in {"Accepted", ""}
        session = driver.session()
        assert (session.state, session.energy_wh, session.needs_review) == (SessionState.ENDED, 800, False)
        assert MeterValue.objects.filter(session=session).exists()
        charger.heartbeat()
        assert ChargePointStatus.objects.get().is_online
    eventually(lambda: not ChargePointStatus.objects.get().is_online)


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_said_again_on_a_new_connection_changes_nothing(driver, version):
    script, said = Transaction(version), []

    def say(charger, frame):
        said.append((frame, charger.call(*frame)))
        return said[-1][1]

    with driver.plug_in(version) as charger:
        charger.boot()
        script.started(say(charger, script.start(0)))
        say(charger, script.meter(300))
        say(charger, script.stop(700))
    with driver.plug_in(version) as charger:
        for frame, answer in said + said[::-1]:
            assert charger.call(*frame) == answer
    assert (driver.session().energy_wh, driver.session().state) == (700, SessionState.ENDED)
    assert SessionEvent.objects.count() == (2 if version == "1.6" else 3)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_goes_on_over_a_lost_connection(driver, version):
    with driver.plug_in(version) as charger:
        charger.boot()
        transaction = charger.start(wh=0)
        charger.kill()
    with driver.plug_in(version) as charger:
        charger.call(*transaction.meter(400))
        charger.call(*transaction.stop(900))
    session = driver.session()
    assert (session.energy_wh, session.needs_review, session.provisional_end) == (900, False, False)


def state(command):
    return Command.objects.get(pk=command.pk).state


@pytest.mark.parametrize("version", VERSIONS)
def test_start_and_stop_from_afar(driver, version):
    accept = {
        action: {"status": "Accepted"}
        for action in (
            "RemoteStartTransaction",
            "RemoteStopTransaction",
            "RequestStartTransaction",
            "RequestStopTransaction",
        )
    }
    with driver.plug_in(version, handlers=accept) as charger:
        charger.boot()
        order = remote_start(charge_point=driver.row, id_tag="TAG-1", evse_number=1, now=utc_now())
        eventually(lambda: state(order) == "accepted")
        assert not Session.objects.exists()
        request = charger.calls[0][1]
        started = Transaction(version)
        action, payload = started.start(0)
        if version != "1.6":
            payload["transactionInfo"]["remoteStartId"] = request["remoteStartId"]
        started.started(charger.call(action, payload))
        assert driver.session().remote_start_id == order.pk
        stop = remote_stop(session=driver.session(), now=utc_now())
        eventually(lambda: state(stop) == "accepted")
        assert charger.calls[1][1] == {"transactionId": started.id}
        charger.call(*started.stop(500, reason="Remote"))
    assert (driver.session().stop_reason, driver.session().energy_wh) == ("Remote", 500)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_card_is_refused_and_its_session_kept(driver, version):
    with driver.plug_in(version) as charger:
        charger.boot()
        assert charger.authorize("NOBODY") == "Invalid"
        charger.charge("NOBODY", energy=100)
    session = driver.session()
    assert (session.energy_wh, session.review_reasons) == (100, ["not_authorized"])
