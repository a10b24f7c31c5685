"""The API of document 002: its paths, fields, response format and its list of tests, one test each.

It runs on the Registry's port (8080), as the document calls it; the paths are the same on Central's.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from django.conf import LazySettings

from ocpi.core import auth
from ocpi.models import Partner, PartnerToken
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer

CREDENTIALS = "/ocpi/2.3/credentials"
Ask = Callable[..., httpx2.Response]


@pytest.fixture(params=["registry", "central"])
def address(request: pytest.FixtureRequest, server: LiveServer) -> Callable[[str], str]:
    """Both ports answer."""
    return server.registry_http if request.param == "registry" else server.http


@pytest.fixture
def ask(address: Callable[[str], str], cpo: Organization, settings: LazySettings, egress_open: None) -> Ask:
    """Plain HTTP, as curl does it: no headers but those given."""
    settings.OCPI_OPEN_REGISTRATION = True

    def call(method: str, path: str, body: Any = None, token: str | None = None) -> httpx2.Response:
        headers = {} if token is None else {"Authorization": token}
        return httpx2.request(method, address(path), json=body, headers=headers, timeout=30, trust_env=False)

    return call


def partner(party_id: str = "ABC", role: str = "CPO", country_code: str = "DE") -> dict[str, Any]:
    """The document's own body; nobody listens at the address."""
    return {
        "token": f"{party_id}_secret_token_123",
        "url": "http://127.0.0.1:9/ocpi/2.3",
        "roles": [
            {
                "role": role,
                "party_id": party_id,
                "country_code": country_code,
                "business_details": {"name": f"{party_id} Charging Network"},
            }
        ],
    }


def registered(ask: Ask, party_id: str = "ABC", role: str = "CPO") -> str:
    answer = ask("POST", f"{CREDENTIALS}?type={role}", partner(party_id, role))
    assert answer.json()["status_code"] == 1000, answer.text
    return str(answer.json()["data"]["token"])


def test_complete_partner_registration_flow(ask: Ask) -> None:
    """Steps 1 and 2 of the example: register without a token, then ask with the one that came back."""
    answer = ask("POST", f"{CREDENTIALS}?type=CPO", partner())
    told = answer.json()
    assert (answer.status_code, set(told)) == (200, {"data", "status_code", "status_message", "timestamp"})
    assert (told["status_code"], told["status_message"]) == (1000, "Success")
    assert {"token", "url", "roles"} <= set(told["data"])
    role = told["data"]["roles"][0]
    assert set(role) == {"role", "party_id", "country_code", "business_details"}
    again = ask("GET", CREDENTIALS, token=f"Token {told['data']['token']}").json()
    assert again["data"]["token"] == told["data"]["token"]


def test_register_get_update_delete_lifecycle(ask: Ask) -> None:
    """Register, GET, PUT, DELETE; then nothing opens any more."""
    token = registered(ask)
    assert ask("GET", CREDENTIALS, token=f"Token {token}").json()["data"]["token"] == token
    changed = partner() | {"token": "your_new_token"}
    changed["roles"][0]["business_details"]["name"] = "Updated Company Name"
    with ScriptedPartner("DE", "ABC", "CPO") as there:
        there.version, there.token_b = "2.3.0", "your_new_token"
        answer = ask("PUT", CREDENTIALS, changed | {"url": there.url("/2.3.0")}, f"Token {token}").json()
    fresh = answer["data"]["token"]
    assert fresh != token
    assert Partner.objects.get().name == "Updated Company Name"
    ended = ask("DELETE", CREDENTIALS, token=f"Token {fresh}").json()
    assert (ended["data"], ended["status_code"]) == (None, 1000)
    assert ended["status_message"] == "Partner registration deleted successfully"
    assert ask("GET", CREDENTIALS, token=f"Token {fresh}").status_code == 401


def test_multiple_partners_of_both_types(ask: Ask) -> None:
    """A CPO and an EMSP; each token is one platform's."""
    tokens = {registered(ask, "ABC", "CPO"), registered(ask, "XYZ", "EMSP")}
    assert len(tokens) == 2
    found = {str(row): [role["role"] for role in row.roles] for row in Partner.objects.all()}
    assert found == {"DE-ABC": ["CPO"], "DE-XYZ": ["EMSP"]}


def test_duplicate_registration_is_refused(ask: Ask) -> None:
    """405, and the first one stays."""
    token = registered(ask)
    assert ask("POST", f"{CREDENTIALS}?type=CPO", partner()).status_code == 405
    assert ask("GET", CREDENTIALS, token=f"Token {token}").status_code == 200


def test_an_invalid_token_is_refused(ask: Ask) -> None:
    for method in ("GET", "PUT", "DELETE", "POST"):
        body = partner() if method in {"PUT", "POST"} else None
        assert ask(method, CREDENTIALS, body, "Token invalid_token").status_code == 401


def test_a_missing_authorization_header_is_refused(ask: Ask) -> None:
    """All but the registration."""
    for method in ("GET", "PUT", "DELETE"):
        assert ask(method, CREDENTIALS, partner() if method == "PUT" else None).status_code == 401


INVALID: dict[str, tuple[str, dict[str, Any], int]] = {
    "no body to speak of": ("CPO", {}, 2001),
    "no roles": ("CPO", partner() | {"roles": []}, 2001),
    "a role that is none": ("CPO", partner(role="KING"), 2001),
    "role EMSP for type CPO": ("CPO", partner(role="EMSP"), 2001),
    "role CPO for type EMSP": ("EMSP", partner(role="CPO"), 2001),
    "a type that is none": ("HUB", partner(), 2001),
    "country code of three": ("CPO", partner(country_code="DEU"), 2001),
    "country code of one": ("CPO", partner(country_code="D"), 2001),
    "party id of four": ("CPO", partner("ABCD"), 2001),
    "party id of two": ("CPO", partner("AB"), 2001),
    "a token with a space": ("CPO", partner() | {"token": "two words"}, 2001),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_requests_are_refused(ask: Ask, name: str) -> None:
    """Body, role for the partner type, country code (2 characters), party id (3 characters)."""
    kind, body, code = INVALID[name]
    answer = ask("POST", f"{CREDENTIALS}?type={kind}", body)
    assert (answer.status_code, answer.json()["status_code"]) == (200, code)
    assert not Partner.objects.exists()


def test_the_health_check_endpoint(ask: Ask) -> None:
    """`curl http://localhost:8080/health`, and the same on Central's port."""
    answer = ask("GET", "/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "operational"


def test_data_is_persisted(ask: Ask) -> None:
    """Partner id, name, type, status; the token encrypted, ours as a digest; unique."""
    token = registered(ask)
    row = Partner.objects.get()
    assert (str(row), row.name, row.status) == ("DE-ABC", "ABC Charging Network", "ACTIVE")
    assert (row.version, row.roles[0]["role"], row.token_out) == ("2.3.0", "CPO", "ABC_secret_token_123")
    stored = str(list(Partner.objects.values().values_list("roles", "versions_url", "name")))
    assert token not in stored
    assert PartnerToken.objects.get().digest == auth.digest(token)


def test_ten_concurrent_registrations(ask: Ask) -> None:
    """Ten partners at once: ten partners, ten tokens."""
    names = [f"P{number:02d}" for number in range(10)]
    with ThreadPoolExecutor(10) as pool:
        tokens = set(pool.map(lambda name: registered(ask, name), names))
    assert len(tokens) == 10
    assert sorted(Partner.objects.values_list("party_id", flat=True)) == names


def test_the_token_with_and_without_its_prefix(ask: Ask) -> None:
    """`Token abc` and `abc`."""
    token = registered(ask)
    for written in (f"Token {token}", token, auth.header(token)):
        assert ask("GET", CREDENTIALS, token=written).json()["data"]["token"] == token


def test_the_base_url_tells_the_endpoints_of_230(ask: Ask) -> None:
    """`http://localhost:8080/ocpi/2.3` is the address of version 2.3.0."""
    token = registered(ask)
    for path in ("/ocpi/2.3", "/ocpi/2.3/", "/ocpi/2.3.0"):
        data = ask("GET", path, token=f"Token {token}").json()["data"]
        assert data["version"] == "2.3.0"
        assert any(item["identifier"] == "credentials" for item in data["endpoints"])


@pytest.mark.parametrize("legacy", [False, True])
def test_status_numbers_of_the_document_behind_a_switch(
    ask: Ask, settings: LazySettings, legacy: bool
) -> None:
    """OCPI_LEGACY_STATUS_CODES: 1001 invalid, 2001 not authorised, 2002 not found; below /ocpi/2.3 only."""
    settings.OCPI_LEGACY_STATUS_CODES = legacy
    token = f"Token {registered(ask)}"

    def told(method: str, path: str, body: Any = None, by: str | None = token) -> int:
        return int(ask(method, path, body, by).json()["status_code"])

    assert told("GET", CREDENTIALS) == 1000
    assert told("PUT", CREDENTIALS, {}) == (1001 if legacy else 2001)
    assert told("GET", CREDENTIALS, by="Token nobody") == (2001 if legacy else 2000)
    assert told("GET", "/ocpi/2.3/nothing") == (2002 if legacy else 2000)
    assert told("PUT", CREDENTIALS, partner()) == (3000 if legacy else 3001)
    assert told("PUT", "/ocpi/2.3.0/credentials", {}) == 2001


def test_without_the_switch_nobody_registers_without_a_token(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Closed by default: token A is needed, and the address is read back."""
    scripted.version = "2.3.0"
    url = server.registry_http(f"{CREDENTIALS}?type=EMSP")
    assert httpx2.post(url, json=scripted.credentials(), trust_env=False).status_code == 401
    answer = Caller(server, issue(cpo))("POST", url, scripted.credentials())
    assert answer.json()["status_code"] == 1000
    assert [item.module for item in scripted.requests] == ["versions", "details"]


@pytest.mark.parametrize(("name", "value"), [("OCPI_COUNTRY_CODE", "US"), ("OCPI_PARTY_ID", "CSP")])
def test_our_party_is_configured(ask: Ask, settings: LazySettings, name: str, value: str) -> None:
    """`country_code` and `party_id` of the document's configuration."""
    setattr(settings, name, value)
    answer = ask("POST", f"{CREDENTIALS}?type=CPO", partner()).json()
    assert value in answer["data"]["roles"][0].values()
