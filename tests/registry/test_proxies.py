"""T5: what proxies say counts from TRUSTED_PROXIES only: addresses, and that a request came over TLS."""

import random

import pytest

from tests.support.machines import api_key, machine
from tests.support.registry import central_face

ANYWHERE = "203.0.113.9"
PROXY = "10.0.0.1"


def _forged():
    address = ".".join(str(random.randint(1, 254)) for _ in range(4))
    return {"x_forwarded_for": address, "forwarded": f"for={address}", "x_real_ip": address}


def test_t5_log_ins_are_cut_off_whatever_address_is_claimed(organization):
    attacker, wrong = central_face(ANYWHERE), {"username": "chief", "password": "guess"}
    statuses = [attacker.post("/api/token", wrong, **_forged()).status_code for _ in range(40)]
    assert (statuses[:5], set(statuses[5:])) == ([401] * 5, {429})


def test_t5_guessing_api_keys_is_cut_off_whatever_address_is_claimed(organization):
    key, good = api_key(machine(organization))
    attacker = central_face(ANYWHERE)
    guesses = [
        attacker.get("/api/charge-points/", x_api_key=f"emk_{key.key_id}_{n}", **_forged()).status_code
        for n in range(40)
    ]
    assert (guesses[:5], set(guesses[5:])) == ([401] * 5, {429})
    assert central_face("198.51.100.7", **good).get("/api/charge-points/").status_code == 200


@pytest.mark.parametrize(("peer", "status"), [(ANYWHERE, 301), (PROXY, 401)])
def test_t5_only_a_trusted_proxy_says_that_it_was_tls(settings, organization, peer, status):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = [PROXY]
    answer = central_face(peer).get("/api/charge-points/", x_forwarded_proto="https")
    assert answer.status_code == status
