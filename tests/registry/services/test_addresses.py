"""Where a caller really is (T5)."""

import pytest

from registry.services.addresses import client_address, is_loopback_address, is_trusted_proxy


def test_forwarded_addresses_of_strangers_count_for_nothing(settings):
    settings.TRUSTED_PROXIES = []
    assert client_address("203.0.113.5", "10.0.0.1") == "203.0.113.5"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("1.1.1.1, 203.0.113.5, 10.0.0.9", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("", "10.0.0.1"),
        ("10.0.0.7, 10.0.0.8", "10.0.0.1"),
        ("203.0.113.5, nonsense", "10.0.0.1"),
    ],
)
def test_behind_trusted_proxies_the_rightmost_stranger_is_the_caller(settings, header, expected):
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    assert client_address("10.0.0.1", header) == expected


def test_trust_is_by_address_or_network(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1", "2001:db8::/64"]
    assert is_trusted_proxy("10.0.0.1")
    assert is_trusted_proxy("2001:db8::5")
    assert not is_trusted_proxy("10.0.0.2")
    assert not is_trusted_proxy("")


def test_loopback_is_this_machine():
    assert is_loopback_address("127.0.0.1")
    assert is_loopback_address("::1")
    assert not is_loopback_address("192.0.2.1")
    assert not is_loopback_address("")
