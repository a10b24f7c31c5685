"""Authorisation policies: which rule holds, and what it makes of tokens, in each version."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from central.models import AuthorizationPolicy, ChargePointStatus, IdTokenGroup, Session
from central.services.authorization import Shown, authorize_many
from central.services.policies import Policy, policies_forget, policies_of, policy_at, policy_effective
from registry.models import ChargePointGroup, Site
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.messages import Transaction, authorize, id_token

VERSIONS = ("1.6", "2.0.1", "2.1")
HOUR = timedelta(hours=1)


def say(organization, **fields):
    return AuthorizationPolicy.objects.create(organization=organization, **fields)


def info_of(answer):
    return answer.get("idTagInfo") or answer["idTokenInfo"]


def asked(charge_point, version, tag="TAG-1", kind="ISO14443"):
    frame = authorize(version, tag)
    if version != "1.6":
        frame[1]["idToken"] = id_token(tag, kind)
    return info_of(Bench(charge_point, version).call(*frame))


# --- which rule holds ------------------------------------------------------------------------------


def test_without_a_word_the_defaults_hold(charge_point):
    effective = policy_effective(charge_point)
    assert effective.policy == Policy()
    assert set(effective.sources.values()) == {None}


def test_the_nearest_place_wins_rule_by_rule(organization, site, charge_point):
    wide = say(organization, access="free", sessions_at_once=5, group_stop=False)
    middle = say(organization, site=site, sessions_at_once=0)
    near = say(organization, charge_point=charge_point, access="tokens")
    effective = policy_effective(charge_point)
    assert (effective.policy.access, effective.policy.sessions_at_once) == ("tokens", 0)
    assert not effective.policy.group_stop
    assert effective.sources["access"] == near
    assert effective.sources["sessions_at_once"] == middle
    assert effective.sources["group_stop"] == wide
    assert effective.sources["local_list"] is None
    assert policy_at(middle).policy.access == "free"


def test_other_places_and_organisations_say_nothing(organization, stranger_organization, charge_point):
    say(stranger_organization, access="free")
    say(organization, site=Site.objects.create(organization=organization, name="Elsewhere"), access="free")
    say(organization, charge_point=charge_point_create(organization), access="free")
    assert policy_effective(charge_point).policy == Policy()
    assert policies_of({charge_point.pk: organization.pk}, now=NOW)[charge_point.pk] == Policy()


@pytest.mark.parametrize("how", ["by hand", "by rule"])
def test_a_group_stands_between_site_and_charge_point(how, organization, site, charge_point):
    group = ChargePointGroup.objects.create(organization=organization, name="Fast")
    if how == "by hand":
        group.members.add(charge_point)
    else:
        ChargePointStatus.objects.create(charge_point=charge_point, vendor="Acme")
        ChargePointGroup.objects.filter(pk=group.pk).update(rule_vendor="ACME")
    say(organization, site=site, access="free", sessions_at_once=3)
    row = say(organization, group=group, access="tokens", local_list=True)
    say(organization, charge_point=charge_point, local_list=False)
    effective = policy_effective(charge_point)
    assert effective.sources["access"] == row
    policy = policies_of({charge_point.pk: organization.pk}, now=NOW)[charge_point.pk]
    assert policy == effective.policy
    assert (policy.access, policy.sessions_at_once, policy.local_list) == ("tokens", 3, False)


def test_a_place_speaks_once(organization, site):
    say(organization, site=site)
    with pytest.raises(IntegrityError):
        say(organization, site=site)


def test_many_charge_points_cost_no_statement_each(organization, site, django_assert_num_queries):
    """The rules are read once, places that are not known with one statement for all; then nothing is."""
    say(organization, site=site, access="free")
    points = [charge_point_create(organization, site=site) for _ in range(20)]
    asked = {point.pk: organization.pk for point in points}
    policies_forget()
    with django_assert_num_queries(2):
        assert all(policy.free for policy in policies_of(asked, now=NOW).values())
    with django_assert_num_queries(0):
        policies_of(asked, now=NOW + timedelta(seconds=1))


def test_a_changed_rule_is_heard_here_at_once_and_elsewhere_soon(organization, charge_point):
    own = {charge_point.pk: organization.pk}
    row = say(organization, access="free")
    assert policies_of(own, now=NOW)[charge_point.pk].free
    row.access = "tokens"
    row.save()
    assert not policies_of(own, now=NOW)[charge_point.pk].free
    AuthorizationPolicy.objects.update(access="free")
    assert not policies_of(own, now=NOW)[charge_point.pk].free
    assert policies_of(own, now=NOW + timedelta(seconds=3))[charge_point.pk].free


def test_who_moves_to_a_site_gets_its_rules(organization, site):
    point = charge_point_create(organization)
    say(organization, site=site, access="free")
    own = {point.pk: organization.pk}
    assert not policies_of(own, now=NOW)[point.pk].free
    point.site = site
    point.save()
    assert policies_of(own, now=NOW + timedelta(minutes=1))[point.pk].free


def test_a_set_of_tokens_is_judged_by_each_charge_points_own_rules(organization, charge_point):
    other = charge_point_create(organization)
    say(organization, charge_point=other, access="free")
    shown = [Shown(point.pk, organization.pk, "NOBODY", "", NOW) for point in (charge_point, other)]
    assert [answer.status for answer in authorize_many(shown)] == ["Invalid", "Accepted"]


# --- policy x token x version ----------------------------------------------------------------------

TABLE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an unknown tag": ({}, {"uid": "OTHER"}, "Invalid"),
    "an unknown tag, free": ({"access": "free"}, {"uid": "OTHER"}, "Accepted"),
    "a blocked tag, free": ({"access": "free"}, {"blocked": True}, "Accepted"),
    "an expired tag, free": ({"access": "free"}, {"expires_at": NOW - HOUR}, "Accepted"),
    "unknown, accepted offline, but online": ({"unknown_offline": "accept"}, {"uid": "OTHER"}, "Invalid"),
    "charging elsewhere, default of one": ({}, {"concurrent_sessions": None, "running": 1}, "ConcurrentTx"),
    "charging elsewhere, policy of two": (
        {"sessions_at_once": 2},
        {"concurrent_sessions": None, "running": 1},
        "Accepted",
    ),
    "charging twice elsewhere, policy of two": (
        {"sessions_at_once": 2},
        {"concurrent_sessions": None, "running": 2},
        "ConcurrentTx",
    ),
    "charging elsewhere, policy of any": (
        {"sessions_at_once": 0},
        {"concurrent_sessions": None, "running": 2},
        "Accepted",
    ),
    "the tag's own limit goes first": (
        {"sessions_at_once": 0},
        {"concurrent_sessions": 1, "running": 1},
        "ConcurrentTx",
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", TABLE)
def test_what_a_policy_makes_of_a_token(name, version, organization, charge_point):
    policy, token, expected = TABLE[name]
    token = dict(token)
    running = token.pop("running", 0)
    token_create(organization, **{"uid": "TAG-1"} | token)
    for _ in range(running):
        Bench(charge_point_create(organization), "1.6", NOW - HOUR).begin()
    say(organization, **policy)
    assert asked(charge_point, version)["status"] == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_a_free_session_is_marked_and_needs_no_review(version, organization, charge_point):
    say(organization, access="free")
    bench = Bench(charge_point, version)
    bench.begin("NOBODY-KNOWS")
    session = bench.session()
    assert (session.authorization_status, session.flags) == ("Accepted", ["free_charging"])
    assert not session.needs_review


@pytest.mark.parametrize(("choice", "status"), [("accept", "Accepted"), ("deny", "Invalid"), ("", "Invalid")])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_start_that_was_offline_is_kept_and_the_policy_decides(
    version, choice, status, organization, charge_point
):
    """1.6 §3.5.4, 2.x C15: 1.6 tells it by a start older than the connection, 2.x says so."""
    say(organization, unknown_offline=choice)
    ChargePointStatus.objects.create(charge_point=charge_point, connected_at=NOW)
    bench = Bench(charge_point, version)
    more = {} if version == "1.6" else {"offline": True}
    bench.begin("NOBODY", at=NOW - HOUR, **more)
    session = bench.session()
    assert session.authorization_status == status
    assert session.needs_review is (status != "Accepted")
    assert ("unknown_offline" in session.flags) is (status == "Accepted")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_start_that_was_online_gains_nothing_from_it(version, organization, charge_point):
    say(organization, unknown_offline="accept")
    ChargePointStatus.objects.create(charge_point=charge_point, connected_at=NOW - HOUR)
    bench = Bench(charge_point, version)
    bench.begin("NOBODY", at=NOW)
    assert bench.session().authorization_status == "Invalid"


def test_a_blocked_tag_is_refused_offline_too(organization, charge_point):
    say(organization, unknown_offline="accept")
    token_create(organization, blocked=True)
    ChargePointStatus.objects.create(charge_point=charge_point, connected_at=NOW)
    bench = Bench(charge_point, "1.6")
    bench.begin(at=NOW - HOUR)
    assert bench.session().authorization_status == "Blocked"


# --- groups ----------------------------------------------------------------------------------------


@pytest.fixture
def fleet(organization):
    group = IdTokenGroup.objects.create(organization=organization, uid="FLEET")
    return [token_create(organization, f"TAG-{number}", group=group) for number in (1, 2)]


@pytest.mark.parametrize("group_stop", [True, False])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_group_stops_where_the_policy_lets_it(version, group_stop, organization, charge_point, fleet):
    """C09: who may stop is told with the group; a stop that came nevertheless is kept and remarked."""
    say(organization, group_stop=group_stop)
    info = asked(charge_point, version)
    assert bool({"parentIdTag", "groupIdToken"} & set(info)) is group_stop
    bench = Bench(charge_point, version)
    transaction = bench.begin("TAG-1")
    transaction.tag = "TAG-2"
    other = {"idTag": "TAG-2"} if version == "1.6" else {"idToken": id_token("TAG-2")}
    bench.call(*transaction.stop(10, NOW, **other))
    assert ("other_tag_at_end" in bench.session().flags) is not group_stop


@pytest.mark.parametrize("version", VERSIONS)
def test_a_master_pass_ends_and_begins_nothing(version, organization, charge_point, token):
    """C16: it is told its group, so that the charge point stops; 1.6 has no such thing and refuses it."""
    police = IdTokenGroup.objects.create(organization=organization, uid="POLICE")
    token_create(organization, "MASTER", group=police)
    say(organization, master_group=police, group_stop=False)
    info = asked(charge_point, version, "MASTER")
    assert info["status"] == ("Invalid" if version == "1.6" else "Accepted")
    if version != "1.6":
        assert info["groupIdToken"]["idToken"] == "POLICE"
    bench = Bench(charge_point, version)
    transaction = bench.begin("TAG-1")
    by = {"idTag": "MASTER"} if version == "1.6" else {"idToken": id_token("MASTER")}
    bench.call(*transaction.stop(10, NOW, reason="Local", **by))
    assert bench.session().flags == []
    second = Transaction(version, "MASTER", 2)
    assert info_of(bench.call(*second.start(0, NOW)))["status"] == "Invalid"
    assert Session.objects.count() == 2
