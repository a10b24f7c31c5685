"""What knocked and was refused: bounded, counted, told to those who may know (RELIABILITY T1, T4)."""

from datetime import timedelta
from typing import Any

import pytest

from central.models import Knock, Refusal
from central.models.knock import RefusalReason
from central.services.knocks import MOST_KNOCKS, MOST_OF_ADDRESS, Attempt, knock_forget, knocks_record
from tests.support.handlers import NOW
from tests.support.world import staff


def attempt(cp_id="CP-9", reason=RefusalReason.WRONG_PASSWORD, **fields):
    values: dict[str, Any] = {
        "address": "192.0.2.1",
        "offered": "ocpp1.6",
        "secure": True,
        "profile": 2,
        "user_fits": True,
        "at": NOW,
    }
    return Attempt(cp_id, reason, **(values | fields))


def test_an_unknown_id_is_listed_once_with_its_count(db):
    knocks_record(attempts=[attempt(count=3)])
    knocks_record(attempts=[attempt(at=NOW + timedelta(minutes=5), offered="ocpp2.0.1")])
    row = Knock.objects.get()
    assert (row.cp_id, row.count, row.offered) == ("CP-9", 4, "ocpp2.0.1")
    assert (row.first_seen, row.last_seen) == (NOW, NOW + timedelta(minutes=5))
    assert knock_forget(cp_id="CP-9")
    assert not knock_forget(cp_id="CP-9")


def test_ids_that_nobody_could_register_are_not_listed(db):
    knocks_record(attempts=[attempt("register"), attempt(" CP"), attempt(".")])
    assert not Knock.objects.exists()


def test_one_address_fills_no_list(db):
    knocks_record(attempts=[attempt(f"X-{number}") for number in range(120)])
    knocks_record(attempts=[attempt(f"Y-{number}") for number in range(120)])
    assert Knock.objects.count() == MOST_OF_ADDRESS


def test_the_list_is_bounded_and_keeps_the_latest(db):
    for page in range(12):
        at = NOW + timedelta(minutes=page)
        knocks_record(
            attempts=[attempt(f"X-{page}-{n}", address=f"192.0.2.{page}", at=at) for n in range(50)]
        )
    assert Knock.objects.count() == MOST_KNOCKS
    assert not Knock.objects.filter(address="192.0.2.0").exists()
    assert Knock.objects.filter(address="192.0.2.11").count() == 50


def test_who_does_not_come_again_is_forgotten(db):
    knocks_record(attempts=[attempt("OLD")])
    knocks_record(attempts=[attempt("NEW", at=NOW + timedelta(days=31))])
    assert [row.cp_id for row in Knock.objects.all()] == ["NEW"]


def test_a_flood_costs_a_few_statements(django_assert_max_num_queries, db):
    knocks_record(attempts=[attempt(f"X-{n}", address=f"198.51.100.{n}") for n in range(200)])
    with django_assert_max_num_queries(10):
        knocks_record(attempts=[attempt(f"X-{n}", address=f"198.51.100.{n}") for n in range(200)])


@pytest.mark.parametrize(
    ("fields", "changes", "reason"),
    [
        ({}, {}, "wrong_password"),
        ({"reason": RefusalReason.NO_PASSWORD, "profile": 0}, {}, "no_password"),
        ({"profile": 1, "secure": False}, {"security_profile": 2}, "lower_profile"),
        ({}, {"status": "DEREGISTERED"}, "deregistered"),
        ({"reason": RefusalReason.TOO_OFTEN}, {"security_profile": 3}, "too_often"),
        ({"reason": RefusalReason.NO_VERSION, "profile": 1}, {"security_profile": 2}, "no_version"),
    ],
)
def test_refusals_of_known_ids_are_kept_by_reason(charge_point, fields, changes, reason):
    for name, value in changes.items():
        setattr(charge_point, name, value)
    charge_point.save()
    knocks_record(attempts=[attempt(charge_point.cp_id, **fields)])
    assert [row.reason for row in Refusal.objects.all()] == [reason]
    assert not Knock.objects.exists()


def test_refusals_are_counted_by_the_hour_and_altogether(charge_point):
    for minutes in (0, 10, 70, 80):
        at = NOW + timedelta(minutes=minutes)
        knocks_record(attempts=[attempt(charge_point.cp_id, at=at, count=2)])
    row = Refusal.objects.get()
    assert (row.count, row.total, row.last_seen) == (4, 8, NOW + timedelta(minutes=80))


@pytest.mark.parametrize(
    ("role", "several", "sees"),
    [
        ("operator", False, True),
        ("admin", False, True),
        ("viewer", False, False),
        ("partner", False, False),
        ("operator", True, False),
        ("admin", True, False),
    ],
)
def test_knocks_are_seen_where_nobody_elses_could_be_among_them(
    role, several, sees, organization, request, db
):
    if several:
        request.getfixturevalue("stranger_organization")
    knocks_record(attempts=[attempt()])
    assert Knock.objects.visible_to(staff(organization, role)).exists() is sees


def test_the_platforms_administrators_see_them_all(organization, stranger_organization):
    knocks_record(attempts=[attempt()])
    assert Knock.objects.visible_to(staff(None, "admin", is_superuser=True)).exists()
    assert not Knock.objects.visible_to(None).exists()
