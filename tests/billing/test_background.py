"""A session's end gets its CDR by the bell, and by the sweep where the bell was lost."""

from datetime import timedelta

import pytest

from billing import receivers
from billing.models import Cdr, SessionRating
from billing.tasks import SCHEDULE, make_cdr, open_ratings, sweep_cdrs
from central.models import Session
from central.signals import session_ended
from emobility.celery import app
from emobility.lib import bell
from emobility.lib.clock import utc_now
from tests.billing.builders import charge_point, default_tariff, ended_session, organization, running_session


@pytest.fixture
def box(db):
    owner = organization()
    default_tariff(owner)
    return charge_point(owner)


@pytest.mark.django_db(transaction=True)
def test_end_of_a_session_makes_its_cdr(celery_eager):
    session = ended_session(charge_point(organization()))
    for _ in range(3):
        bell.after_commit(session_ended, session_id=session.pk)
        assert bell.drain()
    assert Cdr.objects.get().session_id == session.pk


def test_sweep_finds_what_the_bell_missed(box, celery_eager):
    """A lost bell costs seconds, never data."""
    sessions = [ended_session(box, transaction_id=f"t{number}") for number in range(3)]
    running_session(box)
    make_cdr(session_id=sessions[0].pk)
    assert sweep_cdrs() == 2
    assert set(Cdr.objects.values_list("session_id", flat=True)) == {each.pk for each in sessions}
    assert sweep_cdrs() == 0


def test_deep_sweep_finds_what_was_missed_long_ago(box, celery_eager):
    session = ended_session(box)
    Session.objects.update(updated_at=utc_now() - timedelta(days=30))
    assert sweep_cdrs() == 0
    assert sweep_cdrs(deep=True) == 1
    assert Cdr.objects.get().session_id == session.pk


def test_sweep_leaves_a_provisional_end_its_time(box, celery_eager):
    session = ended_session(box, provisional_end=True, end_received_at=utc_now())
    assert sweep_cdrs() == 0
    Session.objects.filter(pk=session.pk).update(end_received_at=utc_now() - timedelta(hours=73))
    assert sweep_cdrs() == 1
    assert Cdr.objects.get().needs_review


def test_task_tolerates_an_unknown_session(db):
    make_cdr(session_id=0)
    assert not Cdr.objects.exists()


def test_running_sessions_get_their_tariff_version_written_down(box):
    session = running_session(box)
    ended_session(box)
    assert open_ratings() == 1
    version = SessionRating.objects.get(session=session).tariff_version
    assert version is not None
    assert version.number == 1
    assert open_ratings() == 0


def test_a_storm_of_ends_is_left_to_the_sweep():
    allowance = receivers.Allowance(2)
    assert [allowance.take(second) for second in (1, 1, 1, 2)] == [True, True, False, True]


def test_schedule_names_tasks_that_exist():
    app.loader.import_default_modules()
    assert {str(row["task"]) for row in SCHEDULE.values()} <= set(app.tasks)
    assert SCHEDULE.items() <= app.conf.beat_schedule.items()
