"""T13 and the live feed: who may listen, from which pages, and what is told."""

import json

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from central.consumers import live_hub, live_topics
from central.consumers.dashboard_feed import feed
from registry.models import Organization
from tests.support.wait import FACTOR
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.fixture
def own(server):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


def _headers(user=None):
    if user is None:
        return {}
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def _listen(server, user=None, origin=None, path="/dashboard/"):
    return connect(
        server.ws(path),
        origin=origin,
        additional_headers=_headers(user),
        subprotocols=[Subprotocol("emobility.topics")],
        compression=None,
        open_timeout=10 * FACTOR,
    )


def _topics(socket):
    return json.loads(socket.recv(timeout=10 * FACTOR))["topics"]


def test_a_page_of_ours_hears_what_changed_in_the_organisation(server, own):
    other = Organization.objects.create(name="Basalt Power", slug="basalt")
    with _listen(server, staff(own, "viewer"), server.http()) as socket:
        feed.add(other.pk, ["session:666"])
        feed.add(own.pk, ["session:12", "charge_point:3"])
        assert _topics(socket) == ["charge_point:3", "session:12"]


def test_the_platform_hears_every_organisation(server, own):
    with _listen(server, staff(None, "viewer", is_superuser=True), server.http(), "/dashboard") as socket:
        feed.add(own.pk, ["session:12"])
        assert _topics(socket) == ["session:12"]


def test_many_changes_come_in_few_frames(server, own):
    with _listen(server, staff(own, "viewer"), server.http()) as socket:
        for number in range(150):
            feed.add(own.pk, [f"session:{number}"])
        heard: set[str] = set()
        frames = 0
        while len(heard) < 150:
            heard.update(_topics(socket))
            frames += 1
        assert frames <= 10


def test_a_flood_of_changes_says_everything_instead_of_naming_each(server, own):
    with _listen(server, staff(own, "viewer"), server.http()) as socket:
        feed.add(own.pk, [f"session:{number}" for number in range(live_topics.MOST_TOPICS + 1)])
        assert _topics(socket) == ["*"]


def test_what_a_page_says_is_ignored(server, own):
    with _listen(server, staff(own, "viewer"), server.http()) as socket:
        socket.send("not json")
        socket.send(b"\x00")
        feed.add(own.pk, ["session:1"])
        assert _topics(socket) == ["session:1"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_t13_a_foreign_page_with_the_cookie_is_refused(server, own, origin):
    """T13: another site's script, and no Origin at all, get 403."""
    with pytest.raises(InvalidStatus) as refusal, _listen(server, staff(own, "viewer"), origin):
        pass
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("kind", ["nobody", "no organisation", "disabled"])
def test_only_people_of_an_organisation_may_listen(server, own, kind):
    person = None if kind == "nobody" else staff(None if kind == "no organisation" else own, "viewer")
    headers = _headers(person)
    if person is not None and kind == "disabled":
        person.is_active = False
        person.save()
    with (
        pytest.raises(InvalidStatus),
        connect(server.ws("/dashboard/"), origin=server.http(), additional_headers=headers, compression=None),
    ):
        pass


def test_whoever_loses_the_right_loses_the_feed(server, own, monkeypatch):
    monkeypatch.setattr(live_hub, "RECHECK_SECONDS", 0.2)
    person = staff(own, "viewer")
    with _listen(server, person, server.http()) as socket:
        person.is_active = False
        person.save()
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10 * FACTOR)
