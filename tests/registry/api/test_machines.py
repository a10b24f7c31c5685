"""Machine clients at REST: API keys, access tokens, signed requests; scopes cut the role down."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
import time_machine

from registry.models import ServiceKey, ServiceNonce
from registry.models.user import Role
from registry.services.revocations import token_revoke
from registry.services.service_accounts import service_account_switch
from registry.services.service_keys import service_key_revoke, service_key_rotate
from registry.services.service_tokens import service_token_issue
from registry.services.signed_requests import SignedRequest, request_sign
from registry.services.tokens import claims_to_be_ours
from tests.support.machines import api_key, machine, signed, signing_key
from tests.support.registry import bearer, central_face, person

WHOAMI = "/api/internal/whoami"
POINTS = "/api/charge-points/"


def _now():
    return datetime.now(UTC)


@pytest.fixture
def account(organization):
    return machine(organization)


def _status(path, headers):
    return central_face(**headers).get(path).status_code


class TestApiKeys:
    """`Authorization: Bearer` and `X-API-Key`."""

    def test_either_header_opens_what_the_account_may(self, account):
        key, header = api_key(account)
        secret = header["authorization"].removeprefix("Bearer ")
        for headers in (header, {"x-api-key": secret}):
            answer = central_face(**headers).get(WHOAMI)
            assert answer.json() == {
                "name": "Laravel",
                "organization": "amber",
                "role": "service",
                "scopes": account.scopes,
            }
        key.refresh_from_db()
        account.refresh_from_db()
        assert key.last_used_at is not None
        assert account.last_used_at is not None

    def test_the_secret_is_not_stored(self, account):
        key, header = api_key(account)
        secret = header["authorization"].removeprefix("Bearer ")
        row = ServiceKey.objects.values().get(pk=key.pk)
        assert secret.rpartition("_")[2] not in str(row)
        assert secret.startswith(f"emk_{key.key_id}_")

    @pytest.mark.parametrize("wrong", ["unknown", "tail", "expired", "revoked", "disabled", "no form"])
    def test_all_wrong_ones_are_told_alike(self, account, wrong):
        key, header = api_key(account, timedelta(hours=1))
        shown = {
            "unknown": "Bearer emk_000000000000_AAAA",
            "tail": header["authorization"] + "x",
            "no form": "Bearer emk_",
        }.get(wrong, header["authorization"])
        if wrong == "revoked":
            service_key_revoke(key=key, actor=account.created_by, now=_now())
        if wrong == "disabled":
            service_account_switch(account=account, active=False, actor=account.created_by, now=_now())
        later = timedelta(hours=2) if wrong == "expired" else timedelta(0)
        with time_machine.travel(_now() + later):
            answer = central_face(authorization=shown).get(POINTS)
        assert (answer.status_code, answer.json()) == (
            401,
            {"code": "unauthenticated", "detail": "Invalid API key."},
        )

    def test_guessing_is_cut_off(self, account):
        key, _ = api_key(account)
        guesses = [
            _status(POINTS, {"authorization": f"Bearer emk_{key.key_id}_guess{number}"})
            for number in range(9)
        ]
        assert guesses == [401] * 5 + [429] * 4

    def test_rotation_leaves_the_old_one_good_for_a_while(self, account):
        key, old = api_key(account)
        fresh, secret = service_key_rotate(
            key=key, overlap=timedelta(hours=1), actor=account.created_by, now=_now()
        )
        new = {"authorization": f"Bearer {secret}"}
        assert (_status(WHOAMI, old), _status(WHOAMI, new)) == (200, 200)
        with time_machine.travel(_now() + timedelta(hours=2)):
            assert (_status(WHOAMI, old), _status(WHOAMI, new)) == (401, 200)
        assert fresh.key_id != key.key_id


class TestScopes:
    """A scope takes away from the role and never adds to it."""

    @pytest.mark.parametrize(
        ("role", "scopes", "internal", "points"),
        [
            (Role.SERVICE, [], 403, 403),
            (Role.SERVICE, ["see"], 403, 200),
            (Role.SERVICE, ["integrate"], 200, 403),
            (Role.VIEWER, ["see"], 403, 200),
        ],
    )
    def test_what_is_not_named_is_refused(self, organization, role, scopes, internal, points):
        _, header = api_key(machine(organization, role=role, scopes=scopes))
        assert (_status(WHOAMI, header), _status(POINTS, header)) == (internal, points)

    def test_people_are_no_machines(self, organization):
        assert _status(WHOAMI, bearer(person(organization, Role.ADMIN))) == 401

    def test_a_machine_cannot_log_in_as_a_person(self, account):
        body = {"username": account.username, "password": ""}
        assert central_face().post("/api/token", body).status_code in {400, 401}
        assert _status(POINTS, bearer(account)) == 401


class TestTokens:
    """JWTs of service accounts."""

    def test_a_token_opens_until_it_ends(self, account):
        token, ends = service_token_issue(account=account, actor=account.created_by, now=_now())
        header = {"authorization": f"Bearer {token}"}
        assert _status(WHOAMI, header) == 200
        with time_machine.travel(ends + timedelta(minutes=1)):
            assert _status(WHOAMI, header) == 401

    @pytest.mark.parametrize("end", ["switched off and on", "revoked"])
    def test_an_ended_one_opens_nothing(self, account, end):
        token, ends = service_token_issue(account=account, actor=account.created_by, now=_now())
        if end == "revoked":
            jti = jwt.decode(token, options={"verify_signature": False})["jti"]
            token_revoke(jti=jti, expires_at=ends, now=_now())
        else:
            for active in (False, True):
                service_account_switch(account=account, active=active, actor=account.created_by, now=_now())
        assert claims_to_be_ours(token, "emobility-service")
        assert _status(WHOAMI, {"authorization": f"Bearer {token}"}) == 401


class TestSignatures:
    """HMAC over method, path, time, nonce and body."""

    @pytest.fixture
    def key(self, account):
        return signing_key(account)

    def _get(self, key, **instead):
        row, secret = key
        path = instead.pop("path", WHOAMI)
        _, headers = signed(
            instead.pop("key_id", row.key_id), instead.pop("secret", secret), "GET", path, **instead
        )
        return central_face(**headers).get(WHOAMI).status_code

    def test_a_signed_request_is_let_in(self, key):
        assert self._get(key) == 200

    @pytest.mark.parametrize(
        "instead",
        [
            {"secret": "another"},
            {"key_id": "000000000000"},
            {"path": "/api/internal/other"},
            {"nonce": "short"},
            {"stamp": "soon"},
        ],
    )
    def test_anything_else_signed_is_refused(self, key, instead):
        assert self._get(key, **instead) == 401

    @pytest.mark.parametrize(("seconds", "status"), [(-310, 401), (-290, 200), (290, 200), (310, 401)])
    def test_the_time_may_be_five_minutes_off(self, key, seconds, status):
        stamp = str(int((_now() + timedelta(seconds=seconds)).timestamp()))
        assert self._get(key, stamp=stamp) == status

    def test_a_nonce_is_good_once(self, key):
        assert [self._get(key, nonce="n" * 20) for _ in range(2)] == [200, 401]
        assert ServiceNonce.objects.count() == 1

    def test_nonces_that_time_guards_are_forgotten(self, key):
        self._get(key)
        with time_machine.travel(_now() + timedelta(minutes=11)):
            self._get(key)
        assert ServiceNonce.objects.count() == 1

    def test_a_body_that_was_changed_is_refused(self, key):
        row, secret = key
        _, headers = signed(row.key_id, secret, "POST", WHOAMI, {"action": "Reset"})
        answer = central_face(**headers).post(WHOAMI, {"action": "Unlock"})
        assert answer.status_code == 401

    def test_the_secret_is_stored_encrypted(self, key):
        row, secret = key
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(row._meta.get_field("secret")), "from_db_value", lambda self, value, *_: value)
            assert secret not in ServiceKey.objects.get(pk=row.pk).secret


def test_the_worked_example_of_the_documentation_is_right():
    page = (Path(__file__).resolve().parents[3] / "docs" / "api-keys.md").read_text()
    example = SignedRequest("", "POST", "/api/internal/event", "1767225600", "0123456789abcdef", "", b"{}")
    assert f"    {request_sign(request=example, secret='not-a-real-secret')}\n" in page
