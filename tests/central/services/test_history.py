"""Old messages and meter values go in batches where there are no partitions, oldest first."""

from datetime import timedelta

import pytest
from django.db import connection

from central import tasks
from central.models import (
    DataTransfer,
    DeviceReport,
    IssuedCertificate,
    Message,
    MeterValue,
    OfflineSpan,
    PlugAndChargeRequest,
    SecurityEvent,
    SigningRequest,
    StatusChange,
    Variable,
)
from central.services import history
from emobility.lib.clock import utc_now
from tests.support.world import furnish

pytestmark = pytest.mark.django_db


@pytest.fixture
def aged(charge_point):
    """Messages and meter values of the last ten days, one a day; answers their times."""
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    now = utc_now()
    times = [now - timedelta(days=days, minutes=1) for days in range(9, -1, -1)]
    for at in times:
        Message.objects.create(charge_point=charge_point, direction="in", kind=2, action="Heartbeat", at=at)
        MeterValue.objects.create(charge_point=charge_point, sampled_at=at, received_at=at)
    return times


def test_the_task_drops_what_the_settings_say(aged, settings):
    settings.OCPP_MESSAGES_KEEP_DAYS, settings.OCPP_METER_VALUES_KEEP_DAYS = 3, 0
    assert tasks.drop_old_history() > 0
    assert sorted(Message.objects.values_list("at", flat=True))[-3:] == aged[-3:]
    assert Message.objects.count() <= 4
    assert MeterValue.objects.count() == 10
    assert tasks.prepare_partitions() == 0


@pytest.mark.skipif(connection.vendor == "postgresql", reason="months go with their partition")
def test_meter_values_go_by_a_setting_of_their_own(aged, settings):
    settings.OCPP_MESSAGES_KEEP_DAYS, settings.OCPP_METER_VALUES_KEEP_DAYS = 0, 4
    assert tasks.drop_old_history() == 6
    assert list(MeterValue.objects.values_list("sampled_at", flat=True)) == aged[-4:]
    assert Message.objects.count() == 10


@pytest.mark.skipif(connection.vendor == "postgresql", reason="days go with their partition")
def test_one_run_is_bounded_and_the_next_goes_on(aged, monkeypatch):
    monkeypatch.setattr(history, "BATCH", 2)
    monkeypatch.setattr(history, "MOST_BATCHES", 3)
    assert history.messages_drop_old(now=utc_now(), keep_days=1) == 6
    assert history.messages_drop_old(now=utc_now(), keep_days=1) == 3
    assert history.messages_drop_old(now=utc_now(), keep_days=1) == 0
    assert list(Message.objects.values_list("at", flat=True)) == aged[-1:]


def test_other_histories_have_settings_of_their_own_and_what_is_open_stays(charge_point, settings):
    settings.OCPP_SECURITY_EVENTS_KEEP_DAYS = settings.OCPP_DATA_TRANSFERS_KEEP_DAYS = 5
    now = utc_now()
    for number, (days, is_open) in enumerate([(9, True), (8, False), (7, False), (1, False)]):
        at = now - timedelta(days=days)
        SecurityEvent.objects.create(
            charge_point=charge_point, key=str(number), kind="X", at=at, received_at=at, is_open=is_open
        )
        DataTransfer.objects.create(charge_point=charge_point, vendor_id="v", status="Accepted", at=at)
        StatusChange.objects.create(
            charge_point=charge_point, evse_number=1, connector_number=1, status="X", at=at, received_at=at
        )
    tasks.drop_old_history()
    assert set(SecurityEvent.objects.values_list("key", flat=True)) == {"0", "3"}
    assert DataTransfer.objects.count() == 1
    assert StatusChange.objects.count() == 4


def test_times_without_connection_go_with_the_states_and_what_lasts_stays(charge_point, settings):
    settings.OCPP_STATUS_CHANGES_KEEP_DAYS = 5
    now = utc_now()
    for began, ended in [(9, 8), (9, 4), (9, None)]:
        OfflineSpan.objects.create(
            charge_point=charge_point,
            began_at=now - timedelta(days=began),
            ended_at=now - timedelta(days=ended) if ended else None,
        )
    tasks.drop_old_history()
    ends = OfflineSpan.objects.order_by("pk").values_list("ended_at", flat=True)
    assert list(ends) == [now - timedelta(days=4), None]


def test_signing_requests_go_and_their_certificates_stay(organization, settings):
    request = furnish(organization, "AMBER").one(SigningRequest)
    now = utc_now()
    SigningRequest.objects.update(at=now - timedelta(days=400), certificate=IssuedCertificate.objects.get())
    request.pk = None
    request.at = now - timedelta(days=364)
    request.save()
    assert settings.OCPP_SIGNING_REQUESTS_KEEP_DAYS == 365
    tasks.drop_old_history()
    assert [row.at for row in SigningRequest.objects.all()] == [request.at]
    assert IssuedCertificate.objects.count() == 1
    SigningRequest.objects.update(at=now - timedelta(days=4000))
    settings.OCPP_SIGNING_REQUESTS_KEEP_DAYS = 0
    tasks.drop_old_history()
    assert SigningRequest.objects.count() == 1


def test_questions_of_plug_and_charge_and_the_course_of_reports_go(organization, settings):
    world = furnish(organization, "AMBER")
    now = utc_now()
    for model, column in ((PlugAndChargeRequest, "at"), (DeviceReport, "heard_at")):
        model.objects.update(**{column: now - timedelta(days=366)})
        assert model in world.rows
    variables = Variable.objects.count()
    tasks.drop_old_history()
    assert not PlugAndChargeRequest.objects.exists()
    assert not DeviceReport.objects.exists()
    assert Variable.objects.count() == variables > 0
