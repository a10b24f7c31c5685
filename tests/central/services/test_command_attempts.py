"""Further attempts: only where they were asked for; sent again where no answer came, never where one did."""

import uuid
from datetime import timedelta

import pytest

from central.models import ChargePointStatus, Command
from central.models.command import CommandState
from central.selectors.live import waiting_for_orders
from central.services.command_delivery import (
    command_answered,
    command_claim_next,
    command_timed_out,
    command_unknown,
)
from central.services.commands import (
    command_allow_attempts,
    command_cancel,
    command_create,
    command_retry,
)
from registry.models import Event
from tests.support.handlers import NOW

SOON = NOW + timedelta(seconds=5)


@pytest.fixture
def connection_id(charge_point):
    """A connection that owns the charge point."""
    number = uuid.uuid4()
    ChargePointStatus.objects.create(charge_point=charge_point, connection_id=number, last_seen=NOW)
    return number


def claim(charge_point, connection_id, now=SOON):
    return command_claim_next(
        charge_point_id=charge_point.pk, connection_id=connection_id, version="1.6", now=now
    )


def state(command):
    return Command.objects.get(pk=command.pk).state


@pytest.fixture
def tried(charge_point, connection_id):
    command = command_create(
        charge_point=charge_point, order="reset", params={}, ttl=timedelta(hours=1), now=NOW
    )
    command_allow_attempts(command=command, attempts=3)
    assert claim(charge_point, connection_id) == command
    return command


def test_after_a_pause_that_grows(charge_point, connection_id, tried):
    for minutes, seconds in [(1, 10), (2, 20)]:
        now = SOON + timedelta(minutes=minutes)
        command_timed_out(command_id=tried.pk, now=now)
        tried.refresh_from_db()
        due = now + timedelta(seconds=seconds)
        assert (tried.state, tried.not_before) == (CommandState.QUEUED, due)
        assert claim(charge_point, connection_id, now=now) is None
        assert waiting_for_orders([charge_point.pk], now) == set()
        assert waiting_for_orders([charge_point.pk], due) == {charge_point.pk}
        assert claim(charge_point, connection_id, now=due) == tried
    command_timed_out(command_id=tried.pk, now=SOON + timedelta(minutes=3))
    assert state(tried) == CommandState.TIMED_OUT
    assert Event.objects.filter(kind="command.tried_again").count() == 2


def test_after_a_connection_was_lost(charge_point, tried):
    command_unknown(charge_point_id=charge_point.pk, keep_connection_id=None, now=SOON)
    assert state(tried) == CommandState.QUEUED


def test_after_an_error_that_may_pass(tried):
    command_answered(command_id=tried.pk, answer=None, error="InternalError", passing=True, now=SOON)
    assert state(tried) == CommandState.QUEUED


def test_not_after_an_error_that_stays(tried):
    command_answered(command_id=tried.pk, answer=None, error="NotSupported", now=SOON)
    assert state(tried) == CommandState.FAILED


def test_not_after_a_no(tried):
    command_answered(command_id=tried.pk, answer={"status": "Rejected"}, now=SOON)
    assert state(tried) == CommandState.REJECTED


def test_not_beyond_its_time(tried):
    command_timed_out(command_id=tried.pk, now=NOW + timedelta(hours=1))
    assert state(tried) == CommandState.TIMED_OUT


def test_a_late_yes_settles_it_and_a_late_no_does_not(tried):
    command_timed_out(command_id=tried.pk, now=SOON)
    command_answered(command_id=tried.pk, answer={"status": "Rejected"}, now=SOON)
    assert state(tried) == CommandState.QUEUED
    command_answered(command_id=tried.pk, answer={"status": "Accepted"}, accepted=True, now=SOON)
    assert state(tried) == CommandState.ACCEPTED


def test_it_can_be_taken_back_between_attempts(tried):
    command_timed_out(command_id=tried.pk, now=SOON)
    assert command_cancel(command=tried, now=SOON).state == CommandState.CANCELLED


def test_a_repeat_by_hand_keeps_them_and_points_back(tried):
    command_answered(command_id=tried.pk, answer={"status": "Rejected"}, now=SOON)
    tried.refresh_from_db()
    again = command_retry(command=tried, now=NOW + timedelta(minutes=6))
    assert (again.retry_of, again.max_attempts, again.attempts) == (tried, 3, 0)
