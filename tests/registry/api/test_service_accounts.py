"""`/api/service-accounts/`: made, keyed, rotated, ended over REST; nobody gets more than who makes it has."""

import pytest

from registry.models import AuditEntry, ServiceKey
from registry.models.user import Role
from tests.support.machines import api_key, machine
from tests.support.registry import bearer, central_face, person

ACCOUNTS = "/api/service-accounts/"
ASKED = {"name": "CMS", "role": "service", "scopes": ["see", "integrate"]}


@pytest.fixture
def chief(organization):
    return central_face(**bearer(person(organization, Role.ADMIN)))


def _made(chief, **changes):
    answer = chief.post(ACCOUNTS, ASKED | changes)
    assert answer.status_code == 201, answer.content
    return answer.json()


def _whoami(secret):
    return central_face(**{"x-api-key": secret}).get("/api/internal/whoami").status_code


def test_an_account_gets_a_key_that_is_shown_once(chief):
    account = _made(chief)
    key = chief.post(f"{ACCOUNTS}{account['uid']}/keys/", {"label": "production", "days": 90})
    assert (key.status_code, key["Cache-Control"]) == (201, "no-store")
    secret = key.json()["secret"]
    assert _whoami(secret) == 200
    shown = chief.get(f"{ACCOUNTS}{account['uid']}/")
    assert [each["label"] for each in shown.json()["keys"]] == ["production"]
    assert secret not in shown.content.decode()
    assert sorted(AuditEntry.objects.values_list("action", flat=True)) == [
        "service_account.created",
        "service_key.issued",
    ]
    assert secret not in str(list(AuditEntry.objects.values()))


def test_a_key_is_rotated_and_revoked(chief):
    account = f"{ACCOUNTS}{_made(chief)['uid']}/"
    old = chief.post(f"{account}keys/", {}).json()
    new = chief.post(f"{account}keys/{old['key_id']}/rotate/", {"hours": 0}).json()
    assert (_whoami(old["secret"]), _whoami(new["secret"])) == (401, 200)
    assert chief.post(f"{account}keys/{new['key_id']}/revoke/").status_code == 204
    assert _whoami(new["secret"]) == 401


def test_a_token_opens_with_the_role_of_the_account(chief):
    account = f"{ACCOUNTS}{_made(chief)['uid']}/"
    token = chief.post(f"{account}token/", {"hours": 2}).json()["access"]
    assert central_face(authorization=f"Bearer {token}").get("/api/internal/whoami").status_code == 200


def test_ten_keys_are_enough(chief):
    account = f"{ACCOUNTS}{_made(chief)['uid']}/keys/"
    assert [chief.post(account, {}).status_code for _ in range(11)] == [201] * 10 + [409]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "!!!"}, "name"),
        ({"role": "chief"}, "role"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"role": "viewer", "scopes": ["operate"]}, "scopes"),
        ({"organization": "elsewhere"}, "organization"),
    ],
)
def test_what_is_wrong_is_named(chief, body, field):
    answer = chief.post(ACCOUNTS, ASKED | body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_name_is_given_once(chief):
    _made(chief)
    assert chief.post(ACCOUNTS, ASKED).status_code == 409


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.MAINTENANCE, Role.VIEWER, Role.PARTNER])
def test_only_who_manages_sees_or_makes_them(organization, role):
    somebody = central_face(**bearer(person(organization, role)))
    assert (somebody.get(ACCOUNTS).status_code, somebody.post(ACCOUNTS, ASKED).status_code) == (403, 403)


def test_a_machine_hands_on_no_right_that_it_does_not_have(organization):
    _, header = api_key(machine(organization, role=Role.ADMIN, scopes=["manage", "see"]))
    answers = [
        central_face(**header)
        .post(ACCOUNTS, {"name": name, "role": "operator", "scopes": [name]})
        .status_code
        for name in ("see", "operate")
    ]
    assert answers == [201, 403]


def test_rights_change_with_the_next_request_and_the_end_is_at_once(chief):
    account = f"{ACCOUNTS}{_made(chief)['uid']}/"
    secret = chief.post(f"{account}keys/", {}).json()["secret"]
    client = chief._client
    for body, status in (
        ({"scopes": ["see"]}, 403),
        ({"scopes": ["integrate"]}, 200),
        ({"is_active": False}, 401),
    ):
        answer = client.patch(account, body, content_type="application/json", headers=chief.headers)
        assert answer.status_code == 200
        assert _whoami(secret) == status
    assert ServiceKey.objects.count() == 1


def test_keys_of_another_organisation_are_not_found(chief, stranger_organization):
    key, _ = api_key(machine(stranger_organization))
    own = f"{ACCOUNTS}{_made(chief)['uid']}/"
    foreign = f"{ACCOUNTS}{key.account.uid}/"
    for address in (own, foreign):
        assert chief.post(f"{address}keys/{key.key_id}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None
