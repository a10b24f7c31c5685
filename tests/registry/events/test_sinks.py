"""The Redis stream and MQTT: the same events, in order, once where nothing is killed."""

import json
import queue
import threading
import time
from copy import copy
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from redis import Redis

from emobility.lib import mqtt
from registry.models import Event, EventReader
from registry.services.event_sinks import sink_publish, sink_take, sinks_active, stream_key
from tests.registry.events.conftest import START

BROKER = "mqtt://127.0.0.1:1883"


@pytest.fixture
def stream(settings, organization):
    settings.EVENTS_REDIS_STREAM = True
    with Redis.from_url(django_settings.REDIS_URL, decode_responses=True) as redis:
        yield lambda: redis.xrange(stream_key("amber"))


def test_nothing_is_published_unless_it_is_asked_for(db):
    assert sinks_active() == {}


@pytest.mark.redis
def test_the_stream_has_all_events_in_order(stream, tell, clock, points):
    tell("from before")
    clock.go_round()
    tell("1", points[0], status="Faulted")
    tell("2", kind="partner.updated")
    clock.go_round()
    one, two = [fields for _, fields in stream()]
    assert (one["type"], one["name"], one["charge_point"]) == (
        "connector.status",
        "status_notification",
        "CP-A",
    )
    assert json.loads(one["event"])["data"] == {"status": "Faulted"}
    assert (two["name"], two["charge_point"]) == ("", "")
    assert int(two["position"]) == int(one["position"]) + 1


@pytest.mark.redis
def test_a_writer_that_was_killed_after_the_append_appends_nothing_twice(stream, tell, clock):
    clock.go_round()
    for subject in "abc":
        tell(subject)
    batch = sink_take(sink="redis", now=clock.now)
    assert batch is not None
    assert sink_publish(batch) == ""
    assert sink_take(sink="redis", now=clock.now) is None, "somebody is at it"
    clock.later(minutes=1).go_round()
    assert [json.loads(fields["event"])["subject"] for _, fields in stream()] == list("abc")


@pytest.mark.redis
def test_the_stream_is_bounded(stream, organization, clock, settings):
    settings.EVENTS_REDIS_MAXLEN = 1
    clock.go_round()
    row = Event(organization=organization, kind="cdr.created", at=START)
    Event.objects.bulk_create([copy(row) for _ in range(300)])
    clock.go_round()
    assert len(stream()) < 250


def test_while_redis_is_away_the_log_waits(settings, organization, tell, clock):
    settings.EVENTS_REDIS_STREAM, settings.REDIS_URL = True, "redis://127.0.0.1:1/0"
    clock.go_round()
    position = EventReader.objects.get(name="redis").position
    tell("1")
    clock.go_round()
    row = EventReader.objects.get(name="redis")
    assert (row.position, row.failures) == (position, 1)
    assert row.paused_until > clock.now
    assert row.last_error


def broker_is_there():
    if not mqtt.is_installed():
        return False
    try:
        mqtt.publish(BROKER, [])
    except mqtt.MqttTrouble:
        return False
    return True


@pytest.fixture
def subscribed(settings, organization):
    """What arrives at the broker for the organisation."""
    if not broker_is_there():
        pytest.skip("needs an MQTT broker at 127.0.0.1:1883 and the extra mqtt")
    paho = import_module("paho.mqtt.client")
    settings.MQTT_URL, settings.MQTT_TOPIC_PREFIX = BROKER, f"test-{time.monotonic_ns()}"
    arrived: queue.Queue[tuple[str, dict[str, object]]] = queue.Queue()
    ready = threading.Event()
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _, __, message: arrived.put((message.topic, json.loads(message.payload)))
    parts = urlsplit(BROKER)
    client.connect(parts.hostname or "", parts.port or 1883)
    client.loop_start()
    client.subscribe(f"{settings.MQTT_TOPIC_PREFIX}/#", qos=1)
    assert ready.wait(10)
    yield arrived
    client.loop_stop()
    client.disconnect()


def test_events_arrive_by_mqtt(subscribed, settings, tell, clock, points):
    points[1].cp_id = "B+1"
    points[1].save()
    clock.go_round()
    tell("1", points[0])
    tell("2", points[1])
    tell("3", kind="partner.updated", at=START)
    clock.go_round()
    first = f"{settings.MQTT_TOPIC_PREFIX}/amber"
    found = [subscribed.get(timeout=10) for _ in range(3)]
    assert [topic for topic, _ in found] == [
        f"{first}/CP-A/connector.status",
        f"{first}/B%2B1/connector.status",
        f"{first}/~/partner.updated",
    ]
    assert [event["subject"] for _, event in found] == ["1", "2", "3"]
