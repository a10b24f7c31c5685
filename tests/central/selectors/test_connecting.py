"""How far a charge point has come: who is refused farther on had passed the steps before."""

from datetime import timedelta

import pytest

from central.models import ChargePointStatus, Refusal
from central.selectors.connecting import connect_steps
from tests.support.handlers import NOW

SECOND = timedelta(seconds=1)


def steps(charge_point):
    return {step.key: (step.tone, str(step.word)) for step in connect_steps(charge_point, NOW + 9 * SECOND)}


def refused(charge_point, reason, seconds=0, **fields):
    at = NOW + seconds * SECOND
    fields = {"address": "a", "hour_at": at, "last_seen": at} | fields
    return Refusal.objects.create(charge_point=charge_point, reason=reason, **fields)


def test_who_offers_no_common_version_had_the_right_password(charge_point):
    refused(charge_point, "wrong_password")
    assert steps(charge_point)["password"] == ("bad", "wrong password (1)")
    refused(charge_point, "no_version", 2, offered="ocpp1.5")
    assert steps(charge_point)["password"] == ("good", "right password")
    assert steps(charge_point)["version"] == ("bad", "no version in common")


def test_a_wrong_password_after_a_wrong_version_counts(charge_point):
    refused(charge_point, "no_version")
    refused(charge_point, "wrong_user", 2)
    found = steps(charge_point)
    assert (found["password"][0], found["version"][0]) == ("bad", "bad")


def test_a_wrong_password_over_tls_settles_that_tls_was_missing(charge_point):
    charge_point.security_profile = 2
    refused(charge_point, "lower_profile")
    assert steps(charge_point)["tls"] == ("bad", "a lower security profile than agreed (1)")
    refused(charge_point, "wrong_password", 2, secure=True)
    assert steps(charge_point)["tls"] == ("good", "wss")


@pytest.mark.parametrize("reason", ["no_password", "too_often"])
def test_who_comes_without_tls_is_told_so_whatever_else_is_wrong(charge_point, reason):
    charge_point.security_profile = 2
    refused(charge_point, reason)
    assert steps(charge_point)["tls"] == ("bad", "without TLS")
    ChargePointStatus.objects.create(charge_point=charge_point, connected_at=NOW + SECOND, ocpp_version="1.6")
    assert steps(charge_point)["tls"] == ("good", "wss")
    assert steps(charge_point)["password"] == ("good", "right password")


def test_no_tls_is_right_where_it_was_agreed(charge_point):
    charge_point.security_profile = 1
    refused(charge_point, "no_password")
    assert steps(charge_point)["tls"] == ("good", "none, as agreed")
