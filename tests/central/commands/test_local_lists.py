"""Local lists: what is sent, what answers mean, how they stay in step (1.6 §5.10, §5.15, 2.x D01, D02)."""

from datetime import timedelta

import pytest

from central.models import (
    AuthorizationPolicy,
    Command,
    IdTokenGroup,
    LocalList,
    LocalListEntry,
)
from central.models.command import CommandState
from central.ocpp.ordering import order_place
from central.services.commands import command_create
from central.services.local_list_limits import Limits
from emobility.lib.errors import Invalid
from tests.support.handlers import NOW, token_create
from tests.support.local_lists import Charger

VERSIONS = ("1.6", "2.0.1", "2.1")
HOUR = timedelta(hours=1)


@pytest.fixture(params=VERSIONS)
def charger(request, charge_point):
    return Charger(charge_point, request.param)


@pytest.fixture
def charger_16(charge_point):
    return Charger(charge_point, "1.6")


def send(charge_point, now=NOW, **params):
    return order_place(charge_point=charge_point, order="local_list_send", params=params, now=now)


def the_list():
    return LocalList.objects.get()


def stored():
    return sorted(LocalListEntry.objects.values_list("uid", flat=True))


# --- what is sent ---------------------------------------------------------------------------------


def test_a_full_list_names_who_may_charge_here(
    charger, organization, stranger_organization, charge_point, site
):
    group = IdTokenGroup.objects.create(organization=organization, uid="FLEET")
    token_create(organization, "PLAIN")
    token_create(organization, "GROUPED", group=group, expires_at=NOW + HOUR)
    token_create(organization, "BLOCKED", blocked=True)
    token_create(organization, "EXPIRED", expires_at=NOW - HOUR)
    token_create(organization, "LATER", valid_from=NOW + HOUR)
    token_create(stranger_organization, "FOREIGN")
    token_create(organization, "HERE").sites.add(site)
    elsewhere = type(site).objects.create(organization=organization, name="Station road")
    token_create(organization, "THERE").sites.add(elsewhere)
    send(charge_point, update="full")
    payload = charger.take()
    assert charger.kind(payload) == ("Full", 1)
    assert charger.tags(payload) == ["PLAIN", "GROUPED", "HERE"]
    grouped = payload["localAuthorizationList"][1]
    if charger.version == "1.6":
        assert grouped["idTagInfo"] == {
            "status": "Accepted",
            "expiryDate": "2026-03-02T13:00:00.000Z",
            "parentIdTag": "FLEET",
        }
    else:
        assert grouped["idTokenInfo"] == {
            "status": "Accepted",
            "cacheExpiryDateTime": "2026-03-02T13:00:00.000Z",
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        }
    row = the_list()
    assert (row.state, row.version, row.entries_count, row.synced_at) == ("in_step", 1, 3, NOW)
    assert stored() == ["GROUPED", "HERE", "PLAIN"]


def test_changes_only_after_a_list_that_is_known(charger, organization, charge_point):
    first, second = token_create(organization, "ONE"), token_create(organization, "TWO")
    send(charge_point)
    assert charger.kind(charger.take()) == ("Full", 1)
    first.delete()
    second.expires_at = NOW + HOUR
    second.save()
    token_create(organization, "THREE")
    send(charge_point)
    payload = charger.take()
    assert charger.kind(payload) == ("Differential", 2)
    assert charger.tags(payload) == ["-ONE", "TWO", "THREE"]
    assert stored() == ["THREE", "TWO"]
    assert the_list().version == 2


def test_an_empty_list_and_any_version(charger, organization, charge_point):
    """D01.FR.04: a full list without entries removes all; the version is the operator's business."""
    token_create(organization)
    send(charge_point)
    charger.take()
    send(charge_point, update="empty", version=4711)
    payload = charger.take()
    assert charger.kind(payload) == ("Full", 4711)
    assert "localAuthorizationList" not in payload
    assert (the_list().version, the_list().state, stored()) == (4711, "in_step", [])
    send(charge_point, update="full", version=0)
    assert charger.kind(charger.take()) == ("Full", 0)


def test_tags_as_the_operator_wrote_them(charger, organization, charge_point):
    token_create(organization, "KNOWN", token_type="KeyCode")
    send(charge_point, update="full")
    charger.take()
    text = "KNOWN\nNEW Blocked\n\n"
    send(charge_point, update="differential", version=9, entries=text)
    payload = charger.take()
    assert charger.tags(payload) == ["-KNOWN", "NEW"]
    if charger.version != "1.6":
        types = [entry["idToken"]["type"] for entry in payload["localAuthorizationList"]]
        assert types == ["KeyCode", "Central"]
    assert stored() == ["NEW"]
    assert LocalListEntry.objects.get().info == {"status": "Blocked"}
    assert Command.objects.filter(state=CommandState.QUEUED).count() == 0


def test_a_line_that_is_no_entry_is_told(charge_point):
    with pytest.raises(Invalid) as told:
        send(charge_point, entries="TAG Perhaps")
    assert "entries" in told.value.fields


def test_what_a_version_cannot_say_is_left_out(charger, organization, charge_point):
    group = IdTokenGroup.objects.create(organization=organization, uid="POLICE")
    AuthorizationPolicy.objects.create(
        organization=organization, master_group=group, unknown_offline="accept", plug_and_charge=False
    )
    token_create(organization, "T" * 30)
    token_create(organization, "MASTER", group=group)
    token_create(organization, "DEABCC123", token_type="eMAID")
    token_create(organization, "BAD", blocked=True)
    token_create(organization, "ODD", token_type="APP_USER", language="fi", message="Moi")
    send(charge_point, update="full")
    payload = charger.take()
    if charger.version == "1.6":
        assert charger.tags(payload) == ["BAD", "ODD"]
        assert the_list().left_out == 1
    else:
        assert charger.tags(payload) == ["T" * 30, "MASTER", "BAD", "ODD"]
        odd = payload["localAuthorizationList"][-1]
        assert odd["idToken"]["type"] == ("Central" if charger.version == "2.0.1" else "APP_USER")
        assert odd["idTokenInfo"]["personalMessage"]["content"] == "Moi"
    blocked = payload["localAuthorizationList"][-2]
    assert (blocked.get("idTagInfo") or blocked["idTokenInfo"])["status"] == "Blocked"
    send(charge_point)
    assert "localAuthorizationList" not in charger.take()


def test_a_long_list_goes_in_parts(charger, organization, charge_point, monkeypatch):
    """D01.FR.11, FR.15: a full message first, changes until all are there."""
    monkeypatch.setattr("central.services.local_lists.local_list_limits", lambda _: Limits(most=5, at_once=2))
    for number in range(7):
        token_create(organization, f"TAG-{number}")
    send(charge_point, version=10)
    parts = [charger.take(), charger.take(), charger.take()]
    assert [charger.kind(part) for part in parts] == [
        ("Full", 10),
        ("Differential", 11),
        ("Differential", 12),
    ]
    assert [tag for part in parts for tag in charger.tags(part)] == [f"TAG-{n}" for n in range(5)]
    assert charger.take() is None
    row = the_list()
    assert (row.state, row.version, row.entries_count, row.left_out) == ("in_step", 12, 5, 2)


# --- what answers mean ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["VersionMismatch", "Failed"])
def test_refused_changes_are_followed_by_the_full_list(charger, status, organization, charge_point):
    """1.6 §5.15, D01.FR.03."""
    token_create(organization, "ONE")
    send(charge_point)
    charger.take()
    token_create(organization, "TWO")
    send(charge_point)
    assert charger.kind(charger.take(status))[0] == "Differential"
    assert the_list().state == "sending"
    again = charger.take()
    assert (charger.kind(again), charger.tags(again)) == (("Full", 3), ["ONE", "TWO"])
    assert (the_list().state, the_list().error) == ("in_step", "")


def test_a_full_list_that_fails_is_told_and_not_repeated(charger, organization, charge_point):
    token_create(organization)
    send(charge_point)
    charger.take("Failed")
    assert (the_list().state, the_list().error, the_list().version) == ("failed", "Failed", 0)
    assert charger.take() is None


def test_a_charge_point_that_fails_again_and_again_is_left_alone(charger, organization, charge_point):
    token_create(organization, "ONE")
    send(charge_point)
    charger.take()
    token_create(organization, "TWO")
    send(charge_point)
    assert charger.take("Failed") is not None
    assert charger.take("Failed") is not None
    assert charger.take() is None
    assert the_list().state == "failed"


def test_a_charge_point_without_lists(charger_16, organization, charge_point):
    send(charge_point)
    charger_16.take("NotSupported")
    assert the_list().state == "not_supported"


@pytest.mark.parametrize(
    ("error", "state"),
    [("NotImplemented: no", "not_supported"), ("NotSupported", "not_supported"), ("InternalError", "failed")],
)
def test_an_error_instead_of_an_answer(charger, error, state, charge_point):
    send(charge_point)
    charger.fail(error=error)
    assert (the_list().state, the_list().error) == (state, error)


def test_no_answer_at_all_leaves_it_open_what_is_there(charger, organization, charge_point):
    token_create(organization, "ONE")
    send(charge_point)
    charger.take()
    token_create(organization, "TWO")
    send(charge_point)
    charger.fail(state=CommandState.TIMED_OUT)
    assert (the_list().state, the_list().trusted) == ("failed", False)
    send(charge_point)
    assert charger.kind(charger.take())[0] == "Full"


@pytest.mark.parametrize(
    ("known", "reported", "state", "trusted"),
    [
        (0, 0, "behind", True),
        (0, -1, "not_supported", False),
        (0, 5, "behind", False),
        (1, 1, "in_step", True),
        (1, 0, "behind", True),
        (1, 7, "behind", False),
    ],
)
def test_what_it_says_of_its_version(charger, known, reported, state, trusted, organization, charge_point):
    """1.6 §5.10, D02: 0 is an empty list, -1 none at all; another number than ours is another list."""
    token_create(organization)
    if known:
        send(charge_point)
        charger.take()
    command_create(charge_point=charge_point, order="local_list_version", params={}, now=NOW)
    charger.take(reported)
    row = the_list()
    assert (row.state, row.trusted, row.reported_version, row.reported_at) == (state, trusted, reported, NOW)
    assert bool(stored()) is (known == 1 and reported != 0)
