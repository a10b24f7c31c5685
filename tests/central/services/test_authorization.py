"""The five answers about a token (1.6 §4.1, §7.2; 2.x C01-C09), as a table."""

from datetime import timedelta

import pytest

from central.models import IdToken, IdTokenGroup, Session
from central.services.authorization import authorize
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.messages import Transaction
from tests.support.messages import authorize as authorize_frame

HOUR = timedelta(hours=1)
TABLE = {
    "valid": ({}, "Accepted"),
    "valid for another hour": ({"expires_at": NOW + HOUR, "valid_from": NOW - HOUR}, "Accepted"),
    "other letters' case": ({"uid": "tag-1"}, "Accepted"),
    "blocked": ({"blocked": True}, "Blocked"),
    "blocked and expired": ({"blocked": True, "expires_at": NOW - HOUR}, "Blocked"),
    "expired": ({"expires_at": NOW - HOUR}, "Expired"),
    "expires this moment": ({"expires_at": NOW}, "Expired"),
    "not yet valid": ({"valid_from": NOW + HOUR}, "Invalid"),
    "another tag": ({"uid": "TAG-2"}, "Invalid"),
    "in a group": ({"group": "open"}, "Accepted"),
    "in a blocked group": ({"group": "blocked"}, "Blocked"),
    "for this site": ({"site": "here"}, "Accepted"),
    "for another site": ({"site": "there"}, "Invalid"),
    "for this charge point": ({"point": "here"}, "Accepted"),
    "for another charge point": ({"point": "there"}, "Invalid"),
    "for another site and this charge point": ({"site": "there", "point": "here"}, "Accepted"),
    "of another organisation": ({"organization": "stranger"}, "Invalid"),
    "charging elsewhere, one at once": ({"running": "there", "concurrent_sessions": 1}, "ConcurrentTx"),
    "charging elsewhere, two at once": ({"running": "there", "concurrent_sessions": 2}, "Accepted"),
    "charging elsewhere, any number": ({"running": "there", "concurrent_sessions": 0}, "Accepted"),
    "charging here (may want to stop)": ({"running": "here", "concurrent_sessions": 1}, "Accepted"),
    "charged elsewhere before": ({"running": "ended", "concurrent_sessions": 1}, "Accepted"),
}


@pytest.fixture
def elsewhere(organization, site):
    other = type(site).objects.create(organization=organization, name="Station road")
    return charge_point_create(organization, site=other)


def make(case, organization, stranger_organization, charge_point, elsewhere):
    """The token of a row of the table, and what it is doing."""
    case = dict(case)
    site, point, group = case.pop("site", None), case.pop("point", None), case.pop("group", None)
    running = case.pop("running", None)
    owner = stranger_organization if case.pop("organization", None) else organization
    if group:
        case["group"] = IdTokenGroup.objects.create(
            organization=owner, uid="GROUP", blocked=group == "blocked"
        )
    token = token_create(owner, case.pop("uid", "TAG-1"), **case)
    places = {"here": charge_point, "there": elsewhere}
    if site:
        token.sites.add(places[site].site)
    if point:
        token.charge_points.add(places[point])
    if running:
        bench = Bench(places.get(running, elsewhere), "1.6", NOW - HOUR)
        transaction = bench.begin()
        if running == "ended":
            bench.call(*transaction.stop(10, bench.now))
    return token


@pytest.mark.parametrize("name", TABLE)
def test_the_answer_is_the_same_in_every_version(
    name, organization, stranger_organization, charge_point, elsewhere
):
    case, expected = TABLE[name]
    make(case, organization, stranger_organization, charge_point, elsewhere)
    for version in ("1.6", "2.0.1", "2.1"):
        answer = Bench(charge_point, version).call(*authorize_frame(version, "TAG-1"))
        assert next(iter(answer.values()))["status"] == expected


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_answer_tells_group_and_expiry(version, organization, charge_point):
    group = IdTokenGroup.objects.create(organization=organization, uid="FLEET")
    token_create(organization, group=group, expires_at=NOW + HOUR)
    (info,) = Bench(charge_point, version).call(*authorize_frame(version, "TAG-1")).values()
    if version == "1.6":
        assert info == {
            "status": "Accepted",
            "parentIdTag": "FLEET",
            "expiryDate": "2026-03-02T13:00:00.000Z",
        }
    else:
        assert info["groupIdToken"] == {"idToken": "FLEET", "type": "Central"}
        assert info["cacheExpiryDateTime"] == "2026-03-02T13:00:00.000Z"


def test_asking_creates_no_session(bench):
    bench.call(*authorize_frame("1.6", "TAG-1"))
    assert not Session.objects.exists()


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_second_start_of_one_card_is_answered_concurrent_and_kept(version, organization, charge_point):
    token_create(organization, concurrent_sessions=1)
    bench = Bench(charge_point, version)
    bench.begin(connector=1)
    second = Transaction(version, connector=2)
    (info,) = (part for part in bench.call(*second.start(0, bench.now)).values() if isinstance(part, dict))
    assert info["status"] == "ConcurrentTx"
    assert [session.review_reasons for session in bench.sessions()] == [[], ["not_authorized"]]


def test_when_a_token_was_used_is_remembered(bench, token):
    bench.begin()
    assert IdToken.objects.get(pk=token.pk).last_used == bench.now


def test_without_authorization_no_token_is_needed(charge_point):
    answer = authorize(charge_point_id=charge_point.pk, uid="", token_type="NoAuthorization", now=NOW)
    assert (answer.accepted, answer.id_token_id) == (True, None)
