"""What of events and webhooks is behind, as metrics and pages tell it."""

from datetime import timedelta

import pytest
from django.test import Client

from registry.models import EventReader, ExportJob, WebhookDelivery
from registry.selectors.metrics import events, exports, webhooks
from registry.services.event_numbers import newest_position
from registry.services.events import event_append
from tests.registry.events.conftest import START
from tests.support.world import staff


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(START, tick=False)


def told(ask):
    """The facts by name and labels."""
    return {(fact.name, *labels): value for fact in ask() for labels, value in fact.values}


def test_events_without_a_position_and_sinks_behind_are_told_with_their_age(organization, tell, settings):
    settings.EVENTS_REDIS_STREAM, settings.REDIS_URL = True, "redis://127.0.0.1:1/0"
    tell("1", at=START - timedelta(minutes=9))
    EventReader.objects.create(name="redis", position=newest_position())
    for minutes in (8, 7):
        tell("2", at=START - timedelta(minutes=minutes))
    event_append(
        organization_id=organization.pk, kind="session.ended", subject="3", now=START - timedelta(minutes=1)
    )
    assert told(events) == {
        ("event_log_position",): 3,
        ("events_unnumbered",): 1,
        ("event_numbering_age_seconds",): 60,
        ("event_sink_lag", "redis"): 2,
        ("event_sink_age_seconds", "redis"): 480,
    }
    settings.EVENTS_REDIS_STREAM = False
    assert ("event_sink_lag", "redis") not in told(events), "a sink that is off is behind nothing"


def test_deliveries_that_wait_or_were_given_up_are_told_with_their_age(
    endpoint, receiver, tell, clock, points, settings
):
    receiver.answer = lambda arrived: 200 if arrived.event["subject"] == "taken" else 500
    for subject in ("taken", "refused", "behind it"):
        tell(subject, points[0])
    clock.go_round()
    WebhookDelivery.objects.update(created_at=START - timedelta(seconds=70))
    assert told(webhooks) == {
        ("webhook_deliveries", "waiting"): 2,
        ("webhook_deliveries", "dead"): 0,
        ("webhook_delivery_age_seconds", "waiting"): 70,
        ("webhook_delivery_age_seconds", "dead"): 0,
    }
    WebhookDelivery.objects.filter(event__subject="refused").update(state="dead")
    assert told(webhooks)["webhook_deliveries", "dead"] == 1


def test_exports_that_wait_are_told_with_their_age(organization):
    for state, minutes in (("queued", 3), ("queued", 5), ("running", 4), ("done", 9)):
        created = START - timedelta(minutes=minutes)
        ExportJob.objects.create(
            organization=organization,
            actor="x",
            table="sessions",
            form="csv",
            state=state,
            created_at=created,
        )
    assert told(exports) == {
        ("export_jobs", "queued"): 2,
        ("export_jobs", "running"): 1,
        ("export_job_age_seconds", "queued"): 300,
        ("export_job_age_seconds", "running"): 240,
    }


def test_a_receiver_that_refuses_one_charge_point_s_events_is_not_well(
    endpoint, organization, receiver, tell, clock, points
):
    client = Client()
    client.force_login(staff(organization, "admin"))
    page = "/admin/registry/webhookendpoint/"
    receiver.answer = lambda arrived: 500 if arrived.event["charge_point"] == "CP-A" else 200
    assert ">Well<" in client.get(page).content.decode()
    tell("refused", points[0])
    clock.go_round()
    tell("taken", points[1])
    clock.go_round()
    endpoint.refresh_from_db()
    assert endpoint.failures == 0, "the last one was taken"
    for each in (page, f"{page}{endpoint.pk}/change/"):
        text = client.get(each).content.decode()
        assert "1 refused" in text
        assert ">Well<" not in text
    receiver.answer = lambda arrived: 200
    clock.later(minutes=1).go_round()
    assert ">Well<" in client.get(page).content.decode()


def test_who_runs_the_platform_sees_how_far_each_sink_is(organization, tell, settings):
    settings.MQTT_URL = "mqtt://127.0.0.1:1"
    tell("1")
    reader = EventReader.objects.create(
        name="mqtt", position=0, failures=2, last_error="connection refused", last_success_at=START
    )
    page = "/admin/registry/eventreader/"
    client = Client()
    client.force_login(staff(organization, "admin"))
    assert client.get(page).status_code == 403
    client.force_login(staff(None, "viewer", is_superuser=True))
    for each in (page, f"{page}{reader.pk}/change/"):
        text = client.get(each).content.decode()
        assert "Failing" in text
        assert "connection refused" in text
        assert "numbering" not in text
    EventReader.objects.filter(pk=reader.pk).update(failures=0)
    assert "Behind" in client.get(page).content.decode()
    EventReader.objects.filter(pk=reader.pk).update(position=newest_position())
    assert ">Well<" in client.get(page).content.decode()
    settings.MQTT_URL = ""
    assert ">Off<" in client.get(page).content.decode()
