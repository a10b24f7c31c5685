"""`POST /cp/authenticate`: a token for the secret, one answer for everything else, limits on guessing."""

from urllib.parse import quote

import pytest

from registry.models import ChargePoint
from registry.services.credentials import credential_hash
from tests.support.registry import BERLIN, make_certificate, registry_face

NEW_KEY = "b" * 40


@pytest.fixture
def login(by_operator):
    made = by_operator.post("/cp/register", BERLIN).json()
    return {"cp_id": "CP-001", "credentials": made["credentials"]}


def test_the_secret_gives_a_token_with_which_the_charge_point_sees_itself(registry, login):
    answer = registry.post("/cp/authenticate", login)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"cp_id", "token", "token_expires_at"}
    shown = registry.get("/cp/CP-001", authorization=f"Bearer {body['token']}").json()
    assert shown["last_authenticated"] is not None


def test_before_the_first_login_there_is_no_time_of_it(by_operator, login):
    assert by_operator.get("/cp/CP-001").json()["last_authenticated"] is None


def test_unknown_wrong_and_deregistered_get_the_same_answer(registry, by_operator, login):
    wrong = registry.post("/cp/authenticate", login | {"credentials": "0" * 40})
    unknown = registry.post("/cp/authenticate", login | {"cp_id": "CP-404"})
    odd = registry.post("/cp/authenticate", login | {"cp_id": "CP:1/x"})
    by_operator.delete("/cp/CP-001")
    gone = registry.post("/cp/authenticate", login)
    answers = [wrong, unknown, odd, gone]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert wrong.json() == {"code": "unauthenticated", "detail": "Invalid cp_id or credentials."}


def test_a_secret_is_its_bytes_in_either_case_of_hex_and_nothing_around_it(registry, login):
    """Charge points write a key that they were given as bytes in the case that they like."""
    secret = login["credentials"]
    for change, status in {secret.upper(): 200, f" {secret} ": 401, f"{secret}\n": 401}.items():
        assert registry.post("/cp/authenticate", login | {"credentials": change}).status_code == status


@pytest.mark.parametrize(
    "body", [{}, {"cp_id": "CP-001"}, {"credentials": "x"}, {"cp_id": 1, "credentials": []}]
)
def test_a_body_without_both_is_a_bad_request(registry, body):
    assert registry.post("/cp/authenticate", body).status_code == 400


def test_t4_guessing_is_cut_off_and_the_real_charge_point_is_not(login):
    """300 wrong logins from one address: at most 20 are even looked at; another address comes in."""
    attacker, own = registry_face("203.0.113.9"), registry_face("198.51.100.4")
    statuses = [
        attacker.post("/cp/authenticate", login | {"credentials": f"{n:040}"}).status_code for n in range(300)
    ]
    assert statuses == [401] * 5 + [429] * 295
    assert attacker.post("/cp/authenticate", login).status_code == 429
    assert [own.post("/cp/authenticate", login).status_code for _ in range(20)] == [200] * 20


def test_t4_a_refusal_says_when_to_come_back(registry, login):
    for _ in range(6):
        answer = registry.post("/cp/authenticate", login | {"credentials": "0"})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"


def test_t5_a_forged_forwarded_address_changes_nothing(login):
    attacker = registry_face("203.0.113.9")
    statuses = [
        attacker.post(
            "/cp/authenticate", login | {"credentials": "0"}, x_forwarded_for=f"10.1.2.{n}"
        ).status_code
        for n in range(50)
    ]
    assert statuses == [401] * 5 + [429] * 45


def test_t5_behind_a_trusted_proxy_each_caller_counts_for_itself(login, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    proxy = registry_face("10.0.0.1")
    for _ in range(6):
        proxy.post("/cp/authenticate", login | {"credentials": "0"}, x_forwarded_for="1.2.3.4, 203.0.113.9")
    assert proxy.post("/cp/authenticate", login, x_forwarded_for="203.0.113.9").status_code == 429
    assert proxy.post("/cp/authenticate", login, x_forwarded_for="198.51.100.4").status_code == 200


def test_during_a_rotation_both_secrets_work_until_the_new_one_was_used(registry, login):
    """A01.FR.03/04: whichever key the charge point really holds, it gets in."""
    ChargePoint.objects.update(pending_credential_hash=credential_hash(NEW_KEY))
    assert registry.post("/cp/authenticate", login).status_code == 200
    assert registry.post("/cp/authenticate", login | {"credentials": NEW_KEY}).status_code == 200
    assert registry.post("/cp/authenticate", login).status_code == 401
    assert registry.post("/cp/authenticate", login | {"credentials": NEW_KEY}).status_code == 200


@pytest.fixture
def bound(by_operator, settings):
    """A charge point with a certificate, where certificates are required."""
    settings.REGISTRY_REQUIRE_CERTIFICATE = True
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    pem = make_certificate()
    made = by_operator.post("/cp/register", BERLIN | {"certificate_pem": pem}).json()
    return {"cp_id": "CP-001", "credentials": made["credentials"]}, pem


def test_t10_where_certificates_are_required_the_proxy_must_have_seen_it(bound):
    login, pem = bound
    proxy, direct = registry_face("10.0.0.1"), registry_face("203.0.113.9")
    assert proxy.post("/cp/authenticate", login, x_ssl_client_cert=quote(pem)).status_code == 200
    assert proxy.post("/cp/authenticate", login).status_code == 401
    other = quote(make_certificate())
    assert proxy.post("/cp/authenticate", login, x_ssl_client_cert=other).status_code == 401
    assert direct.post("/cp/authenticate", login, x_ssl_client_cert=quote(pem)).status_code == 401
