"""Transactions: nothing lost, nothing twice; what makes no sense is answered, kept and flagged."""

import time
from datetime import timedelta

import pytest

from central.models import MeterValue, Session, SessionEvent
from central.models.session import SessionState
from central.services.commands import remote_start
from tests.support import messages
from tests.support.charge_point import CallError
from tests.support.handlers import Bench, charge_point_create
from tests.support.messages import Transaction, token_status
from tests.support.wait import eventually

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["1.6", "2.0.1", "2.1"])
def version(request):
    return request.param


@pytest.fixture
def any_bench(version, charge_point, token):
    """The charge point in each version."""
    return Bench(charge_point, version)


def unstarted(version):
    """A transaction that Central never heard the start of."""
    return Transaction(version, id=77 if version == "1.6" else "never-begun", seq_no=3)


class TestSanity:
    """OCPP.md: a sanity failure gets the normal answer, never a CALLERROR; it is kept and flagged."""

    def test_readings_of_an_unknown_transaction(self, any_bench):
        frame = unstarted(any_bench.version).meter(500, any_bench.now)
        assert any_bench.call(*frame) == any_bench.call(*frame) == {}
        assert SessionEvent.objects.count() + Session.objects.count() >= 1
        assert MeterValue.objects.count() == 1

    def test_the_end_of_an_unknown_transaction(self, any_bench):
        frame = unstarted(any_bench.version).stop(500, any_bench.now)
        assert any_bench.call(*frame) == any_bench.call(*frame)
        assert SessionEvent.objects.filter(payload__isnull=False).count() == 1
        assert not Session.objects.filter(state=SessionState.ENDED, needs_review=False).exists()

    def test_a_transaction_of_another_charge_point(self, any_bench, organization):
        other = Bench(charge_point_create(organization, "OTHER"), any_bench.version)
        theirs = other.begin(wh=0)
        any_bench.call(*theirs.meter(5000, any_bench.now))
        any_bench.call(*theirs.stop(9000, any_bench.now))
        session = other.session()
        assert (session.state, session.energy_wh, session.meter_stop_wh) == (SessionState.ACTIVE, 0, None)
        assert not MeterValue.objects.filter(session=session, register_wh__gt=0).exists()

    def test_an_end_below_the_start(self, any_bench):
        transaction = any_bench.begin(wh=8000)
        end = any_bench.after(minutes=30)
        end.call(*transaction.stop(1000, end.now))
        session = any_bench.session()
        assert (session.state, session.energy_wh, session.needs_review) == (SessionState.ENDED, 0, True)
        assert set(session.review_reasons) <= {"stop_below_start", "stop_below_meter_values"}

    def test_readings_after_the_end(self, any_bench):
        """They belong to the session and change nothing of what was charged."""
        transaction = any_bench.begin(wh=0)
        late = transaction.meter(700, any_bench.now + 10 * MINUTE)
        stop = transaction.stop(1000, any_bench.now + 20 * MINUTE)
        any_bench.after(minutes=20).call(*stop)
        any_bench.after(minutes=21).call(*late)
        session = any_bench.session()
        assert (session.state, session.energy_wh, session.needs_review) == (SessionState.ENDED, 1000, False)


class TestStarts:
    """Who may charge is answered; that somebody charges is a fact."""

    def test_a_refused_start_is_kept(self, any_bench):
        transaction = Transaction(any_bench.version, "STRANGER")
        answer = any_bench.call(*transaction.start(0, any_bench.now))
        assert token_status(answer) in {"Invalid", "Unknown"}
        transaction.started(answer)
        any_bench.call(*transaction.stop(500, any_bench.now + 10 * MINUTE))
        session = any_bench.session()
        assert (session.id_tag, session.energy_wh, session.state) == ("STRANGER", 500, SessionState.ENDED)

    def test_asking_begins_nothing(self, any_bench):
        any_bench.call(*messages.authorize(any_bench.version, "TAG-1"))
        assert not Session.objects.exists()

    def test_a_remote_start_begins_nothing_before_the_charge_point_says_so(self, any_bench):
        remote_start(charge_point=any_bench.charge_point, id_tag="TAG-1", evse_number=1, now=any_bench.now)
        assert not Session.objects.exists()


@pytest.mark.integration
@pytest.mark.parametrize("delay", [0.0, 0.001, 0.02])
def test_a_stop_counts_even_if_the_socket_dies_before_the_answer(enrolled, version, delay):
    """A charge point that is reset hard closes at once and boots again: disconnect cancels no work."""
    with enrolled.plug_in(version) as charger:
        charger.boot()
        transaction = charger.start(wh=100)
        charger.send_raw([2, "last", *transaction.stop(900)])
        time.sleep(delay)
        charger.kill()
    with enrolled.plug_in(version) as charger:
        charger.boot()
        eventually(lambda: Session.objects.get().state == SessionState.ENDED)
        assert charger.call(*transaction.stop(900)) is not None
    session = Session.objects.get()
    assert (session.energy_wh, session.provisional_end) == (800, False)


@pytest.mark.integration
def test_what_is_not_stored_is_not_acknowledged(enrolled, version, monkeypatch):
    """The database is away for a moment: InternalError without text, and the repeat counts once."""
    with enrolled.plug_in(version) as charger:
        charger.boot()
        transaction = charger.start(wh=0)
        stop = transaction.stop(400)
        with monkeypatch.context() as patch:
            patch.setattr("central.ocpp.message_log.write", lambda rows: 1 / 0)
            with pytest.raises(CallError) as refused:
                charger.call(*stop)
        assert (refused.value.code, refused.value.description) == ("InternalError", "")
        charger.call(*stop)
    assert Session.objects.get().energy_wh == 400
