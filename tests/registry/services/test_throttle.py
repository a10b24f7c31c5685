"""Limits on wrong logins."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from emobility.lib.errors import TooMany, Unauthenticated
from registry.services import throttle
from registry.services.throttle import failure_count, failures_check, failures_limited, login_remember

pytestmark = pytest.mark.services


def _fail(address: str, cp_id: str) -> str:
    try:
        with failures_limited(address=address, cp_id=cp_id):
            raise Unauthenticated("wrong")
    except TooMany:
        return "too many"
    except Unauthenticated:
        return "wrong"


def test_five_failures_with_one_id_close_it_for_that_address_only():
    assert [_fail("192.0.2.1", "CP-1") for _ in range(7)] == ["wrong"] * 5 + ["too many"] * 2
    failures_check(address="192.0.2.2", cp_id="CP-1")
    failures_check(address="192.0.2.1", cp_id="CP-2")


def test_twenty_failures_close_everything_for_an_address():
    outcomes = [_fail("192.0.2.1", f"CP-{number}") for number in range(30)]
    assert outcomes == ["wrong"] * 20 + ["too many"] * 10
    with pytest.raises(TooMany) as refused:
        failures_check(address="192.0.2.1", cp_id="CP-never-seen")
    assert refused.value.retry_after == 60


def test_neighbours_that_fail_do_not_stop_who_logged_in_from_there_before():
    """A site behind one address, four of its charge points with a wrong password: the others come back."""
    login_remember(address="192.0.2.1", cp_id="CP-GOOD")
    for number in range(30):
        _fail("192.0.2.1", f"CP-{number}")
    failures_check(address="192.0.2.1", cp_id="CP-GOOD")
    for address, cp_id in [("192.0.2.1", "CP-NEW"), ("192.0.2.1", "CP-1")]:
        with pytest.raises(TooMany):
            failures_check(address=address, cp_id=cp_id)
    assert _fail("192.0.2.2", "CP-GOOD") == "wrong"


def test_who_logged_in_before_may_not_be_guessed_either():
    login_remember(address="192.0.2.1", cp_id="CP-GOOD")
    assert [_fail("192.0.2.1", "CP-GOOD") for _ in range(7)] == ["wrong"] * 5 + ["too many"] * 2


def test_success_counts_nothing():
    for _ in range(100):
        with failures_limited(address="192.0.2.1", cp_id="CP-1"):
            pass
    failures_check(address="192.0.2.1", cp_id="CP-1")


def test_failures_that_were_under_way_together_are_counted_to_the_same_limit():
    """All passed the check before the first was counted: the count itself refuses."""
    outcomes = []
    for _ in range(50):
        try:
            failure_count(address="192.0.2.1", cp_id="CP-1")
            outcomes.append("wrong")
        except TooMany:
            outcomes.append("too many")
    assert outcomes == ["wrong"] * 5 + ["too many"] * 45


def test_addresses_of_one_ipv6_network_count_together():
    for number in range(5):
        _fail(f"2001:db8::{number}", "CP-1")
    assert _fail("2001:db8::ffff", "CP-1") == "too many"
    assert _fail("2001:db8:0:1::1", "CP-1") == "wrong"
    assert _fail("::ffff:192.0.2.9", "CP-1") == "wrong"


def test_without_its_cache_the_process_counts_by_itself(monkeypatch):
    def gone(*args, **kwargs):
        raise RedisConnectionError("gone")

    for name in ("add", "incr", "get_many", "set"):
        monkeypatch.setattr(cache, name, gone, raising=False)
    try:
        assert [_fail("192.0.2.77", "CP-1") for _ in range(7)] == ["wrong"] * 5 + ["too many"] * 2
    finally:
        throttle._own.clear()
