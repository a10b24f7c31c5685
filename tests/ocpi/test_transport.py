"""Envelope, status, tokens, ids, routing headers of every endpoint over real HTTP (OCPI 2.2.1 §4; T17)."""

import base64

import httpx2

from ocpi.core import auth
from ocpi.models import Exchange, Partner
from ocpi.services.bootstrap_tokens import bootstrap_token_issue
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer

CREDENTIALS = "/ocpi/2.2.1/credentials"
CDRS = "/ocpi/2.2.1/sender/cdrs"
SESSIONS = "/ocpi/2.2.1/sender/sessions"


def get(server: LiveServer, path: str, authorization: str | None) -> httpx2.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return httpx2.get(server.http(path), headers=headers, trust_env=False)


OPENS = [
    ("nobody", "GET", "/ocpi/versions", 401),
    ("stranger", "GET", "/ocpi/versions", 401),
    ("stranger", "POST", CREDENTIALS, 401),
    ("token_a", "GET", "/ocpi/versions", 200),
    ("token_a", "GET", "/ocpi/2.2.1", 200),
    ("token_a", "GET", CDRS, 401),
    ("token_a", "GET", "/ocpi/2.2.1/sender/tokens", 401),
    ("token_a", "PUT", CREDENTIALS, 405),
    ("token_a", "DELETE", CREDENTIALS, 405),
    ("used_token_a", "GET", "/ocpi/versions", 401),
    ("partner", "POST", CREDENTIALS, 405),
    ("partner", "GET", CDRS, 200),
    ("partner", "GET", "/ocpi/drivers/versions", 401),
    ("partner", "GET", "/ocpi/nobody/versions", 401),
    ("outgoing", "GET", CDRS, 401),
]


def test_t17_which_token_opens_what(
    server: LiveServer, cpo: Organization, emsp: Organization, scripted: ScriptedPartner
) -> None:
    """T17: token A opens versions and credentials, a token only its own organisation, once."""
    spent = issue(cpo)
    token_c = Caller(server, spent)("POST", CREDENTIALS, scripted.credentials()).json()["data"]["token"]
    tokens = {
        "nobody": "",
        "stranger": "x" * 43,
        "token_a": issue(cpo),
        "used_token_a": spent,
        "partner": token_c,
        "outgoing": scripted.token_b,
    }
    for who, method, path, status in OPENS:
        body = scripted.credentials() if method != "GET" else None
        answer = Caller(server, tokens[who])(method, path, body)
        assert answer.status_code == status, (who, method, path)
        told = answer.json()
        assert set(told) <= {"data", "status_code", "status_message", "timestamp"}
        assert (told["status_code"] == 1000) == (status == 200)
        ids = (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"])
        assert ids == ("request-1", "correlation-1")


def test_t17_a_token_is_256_bits_of_printable_characters(cpo: Organization) -> None:
    """T17."""
    tokens = {bootstrap_token_issue(organization=cpo, now=now())[1] for _ in range(50)}
    assert len(tokens) == 50
    assert all(auth.is_token(token) and len(base64.urlsafe_b64decode(token + "=")) == 32 for token in tokens)


def test_the_token_is_understood_in_every_form_in_use(registered: Caller) -> None:
    """§4.1.2: Base64 strictly, then as it is, with and without the word Token; the form is remembered."""
    raw = registered.token
    encoded = base64.b64encode(raw.encode()).decode()
    with_newline = base64.b64encode(f"{raw}\n".encode()).decode()
    forms = [
        (f"Token {encoded}", "base64"),
        (f"Token {raw}", "raw"),
        (f"token {encoded}", "base64"),
        (raw, "raw"),
        (f"Token {with_newline}", "base64"),
        (encoded, "base64"),
    ]
    for header, seen in forms:
        assert get(registered.server, CREDENTIALS, header).status_code == 200, seen
        assert Partner.objects.get().token_form_seen == seen


def test_a_header_that_holds_no_token_is_401(server: LiveServer, cpo: Organization) -> None:
    """Whatever stands there."""
    for header in (None, "", "Token", "Basic abc", "Token \u00e9", "Token a b"):
        answer = httpx2.get(
            server.http("/ocpi/versions"),
            headers=[] if header is None else [(b"Authorization", header.encode("latin-1"))],
            trust_env=False,
        )
        assert answer.status_code == 401
        assert answer.json()["status_code"] == 2000
        assert "WWW-Authenticate" in answer.headers


def test_addresses_work_with_and_without_slash(registered: Caller) -> None:
    """No redirect: it would lose a body."""
    for path in ("/ocpi/versions", "/ocpi/2.2.1", CREDENTIALS, CDRS):
        for slash in ("", "/"):
            assert registered("GET", path + slash).status_code == 200, path


def test_versions_lead_to_every_endpoint(registered: Caller) -> None:
    """§6: versions, details, endpoints that answer; only the sides of the organisation's roles."""
    versions = registered("GET", "/ocpi/versions").json()["data"]
    assert [item["version"] for item in versions] == ["2.1.1", "2.2.1", "2.3.0"]
    details = registered("GET", versions[1]["url"]).json()["data"]
    sides = {(item["identifier"], item["role"]) for item in details["endpoints"]}
    assert sides >= {("credentials", "SENDER"), ("cdrs", "SENDER"), ("sessions", "SENDER")}
    assert ("tokens", "RECEIVER") in sides
    assert not sides & {("tokens", "SENDER"), ("sessions", "RECEIVER"), ("cdrs", "RECEIVER")}
    for item in details["endpoints"]:
        if item["role"] == "RECEIVER":
            continue
        assert registered("GET", f"{item['url']}?date_from=2020-01-01T00:00:00Z").status_code == 200


NOT_THERE = [
    ("GET", "/ocpi/2.2.1/sender/nothing", 404),
    ("GET", "/ocpi/2.2.1/receiver/cdrs", 404),
    ("GET", "/ocpi/2.0", 404),
    ("GET", "/ocpi/emsp/2.1.1", 404),
    ("GET", "/ocpi/9.9/credentials", 404),
    ("POST", CDRS, 405),
    ("DELETE", SESSIONS, 405),
    ("PATCH", CREDENTIALS, 405),
    ("POST", "/ocpi/versions", 405),
    ("PUT", "/ocpi/2.2.1", 405),
]


def test_what_is_not_there_has_the_envelope_too(registered: Caller) -> None:
    """404 and 405 in the envelope, with 2000."""
    for method, path, status in NOT_THERE:
        answer = registered(method, path, {} if method in {"POST", "PUT", "PATCH"} else None)
        assert (answer.status_code, answer.json()["status_code"]) == (status, 2000), (method, path)


def test_a_body_that_is_no_json_is_400(registered: Caller) -> None:
    answer = httpx2.put(
        registered.server.http(CREDENTIALS),
        headers={"Authorization": auth.header(registered.token)},
        content=b"{not json",
        trust_env=False,
    )
    assert (answer.status_code, answer.json()["status_code"]) == (400, 2001)


def test_a_wrong_object_is_2001_with_http_200(registered: Caller) -> None:
    answer = registered("PUT", CREDENTIALS, {"url": "x"})
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2001)


def test_missing_message_ids_are_tolerated_and_made_up(registered: Caller) -> None:
    """§4.2: tolerant in, strict out."""
    answer = get(registered.server, CDRS, auth.header(registered.token))
    assert answer.status_code == 200
    assert answer.headers["X-Request-ID"]
    assert answer.headers["X-Correlation-ID"]


def test_routing_headers_change_places(registered: Caller) -> None:
    """§4.1.8: to and from are swapped on functional modules and never used on configuration modules."""
    routing = {
        "OCPI_from_country_code": "NL",
        "OCPI_from_party_id": "TST",
        "OCPI_to_country_code": "DE",
        "OCPI_to_party_id": "EMP",
    }
    answer = registered("GET", CDRS, **routing)
    assert (answer.headers["OCPI-to-country-code"], answer.headers["OCPI-to-party-id"]) == ("NL", "TST")
    assert (answer.headers["OCPI-from-country-code"], answer.headers["OCPI-from-party-id"]) == ("DE", "EMP")
    assert not any(name.startswith("ocpi-") for name in registered("GET", CREDENTIALS, **routing).headers)


def test_a_message_of_or_for_somebody_else_is_refused(registered: Caller) -> None:
    """T18: FROM must be the token's own party, TO must be here."""
    routings = (
        {"OCPI_from_country_code": "NL", "OCPI_from_party_id": "EVL"},
        {"OCPI_to_country_code": "DE", "OCPI_to_party_id": "XXX"},
    )
    for routing in routings:
        assert registered("GET", CDRS, **routing).json()["status_code"] == 2001


def test_every_message_is_logged(registered: Caller) -> None:
    """Both directions, by correlation id, tokens masked."""
    registered("GET", CDRS)
    row = Exchange.objects.filter(outgoing=False).latest("id")
    assert (row.module, row.http_status, row.status_code, row.correlation_id) == (
        "cdrs",
        200,
        1000,
        "correlation-1",
    )
    post = Exchange.objects.get(module="credentials", method="POST")
    assert post.request_body is not None
    assert post.response_body is not None
    assert post.request_body["token"] == post.response_body["data"]["token"] == "***"
    outgoing = Exchange.objects.filter(outgoing=True)
    assert {item.correlation_id for item in outgoing} == {outgoing[0].correlation_id}


PAGES = [
    ("", 1000),
    ("?limit=0", 2001),
    ("?limit=-1", 2001),
    ("?limit=x", 2001),
    ("?offset=-1", 2001),
    ("?offset=99999999999", 2001),
    ("?date_from=yesterday", 2001),
    ("?date_to=2026-01-01", 2001),
    ("?limit=5000&offset=7&date_from=2020-01-01T00:00:00&date_to=2030-01-01T00:00:00Z", 1000),
]


def test_paging_parameters(registered: Caller) -> None:
    """§4.1.4.2."""
    for query, code in PAGES:
        answer = registered("GET", f"{CDRS}{query}")
        assert (answer.status_code, answer.json()["status_code"]) == (200, code), query
        if code == 1000:
            assert (answer.headers["X-Limit"], answer.headers["X-Total-Count"]) == ("100", "0")
            assert "Link" not in answer.headers


def test_sessions_want_a_first_date(registered: Caller) -> None:
    """§9.2.1.1: 2001 without date_from."""
    assert registered("GET", SESSIONS).json()["status_code"] == 2001
