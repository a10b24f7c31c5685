"""Tokens in every version: partners' in and usable, our drivers' out (OCPI 2.2.1 §12, 2.1.1; T18)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from central.models import IdToken, IdTokenGroup
from central.services.authorization import authorize
from ocpi.core.envelope import dump, load
from ocpi.core.tokens import TOKEN
from ocpi.models import Delivery, Partner, ReceivedToken
from ocpi.services.token_offers import tokens_offer
from registry.models import Event, Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, issue, now
from tests.ocpi.pushing import push_all
from tests.ocpi.test_fields import example
from tests.support.partner import Answer, ScriptedPartner
from tests.support.server import LiveServer

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "ocpi-examples"
STAMP = "2026-03-01T08:00:00Z"


def token(version: str = "2.2.1", **changes: Any) -> dict[str, Any]:
    """A provider's card in a version."""
    common = {"uid": "04Ab11", "type": "RFID", "issuer": "Drivers", "valid": True, "whitelist": "ALLOWED"}
    if version == "2.1.1":
        return common | {"auth_id": "NL-TST-C1", "last_updated": STAMP} | changes
    owner = {"country_code": "NL", "party_id": "TST"}
    return owner | common | {"contract_id": "NL-TST-C1", "last_updated": STAMP} | changes


def address(version: str, uid: str = "04Ab11", party: str = "NL/TST", query: str = "") -> str:
    return f"/ocpi/{'cpo/' if version == '2.1.1' else ''}{version}/receiver/tokens/{party}/{uid}{query}"


def known(uid: str = "04AB11") -> IdToken:
    return IdToken.objects.get(uid_key=uid)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_token_is_kept_word_for_word_and_charges(
    registered: Caller, cpo: Organization, version: str
) -> None:
    """§12.2.1: 201, then 200; unknown fields kept; the card works at our charge points at once."""
    body = token(version, extra={"a": 1})
    assert registered("PUT", address(version), body).status_code == 201
    again = registered("PUT", address(version, "04ab11") + "/", body)
    assert (again.status_code, again.json()["status_code"], "data" in again.json()) == (200, 1000, False)
    assert registered("GET", address(version)).json()["data"] == body
    row = known()
    assert (str(row.party), row.contract_id, row.whitelist) == ("NL-TST", "NL-TST-C1", "ALLOWED")
    box = roaming.box(cpo)
    assert authorize(charge_point_id=box.pk, uid="04ab11", now=now()).status == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
def test_invalid_is_how_a_token_ends(registered: Caller, cpo: Organization, version: str) -> None:
    """§12.2.1: no DELETE; `valid: false` by PATCH, which carries `last_updated` from 2.2 on."""
    registered("PUT", address(version), token(version))
    assert registered("DELETE", address(version)).status_code == 405
    patched = registered("PATCH", address(version), {"valid": False})
    assert patched.json()["status_code"] == (1000 if version == "2.1.1" else 2001)
    changes = {"valid": False, "last_updated": "2026-03-02T08:00:00Z"}
    assert registered("PATCH", address(version), changes).json()["status_code"] == 1000
    assert registered("GET", address(version)).json()["data"]["valid"] is False
    assert authorize(charge_point_id=roaming.box(cpo).pk, uid="04AB11", now=now()).status == "Blocked"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (address("2.2.1", party="NL/OTH"), token(party_id="OTH"), 2001),
        (address("2.2.1"), token(party_id="OTH"), 2001),
        (address("2.2.1"), token(uid="OTHER"), 2001),
        (address("2.2.1", query="?type=APP_USER"), token(), 2001),
        (address("2.2.1"), token(whitelist="SOMETIMES"), 2001),
        (address("2.2.1"), token(type="EMAID"), 2001),
        (address("2.2.1"), {**token(), "contract_id": None}, 2001),
        (address("2.2.1"), [], 2001),
    ],
)
def test_what_is_wrong_is_refused(registered: Caller, path: str, body: Any, status: int) -> None:
    """T18: another party's tokens are nobody's to write."""
    answer = registered("PUT", path, body)
    assert (answer.status_code, answer.json()["status_code"]) == (200, status)
    assert not ReceivedToken.objects.exists()
    assert not IdToken.objects.exists()


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_token_is_2004(registered: Caller, method: str) -> None:
    body = {"valid": False, "last_updated": STAMP} if method == "PATCH" else None
    answer = registered(method, address("2.2.1"), body)
    assert (answer.status_code, answer.json()["status_code"]) == (404, 2004)
    assert registered("GET", address("2.1.1")).json()["status_code"] == 2000


def test_uid_and_type_are_the_key(registered: Caller) -> None:
    """§12.3.2: the same uid as card and as app user are two tokens; charge points know the first."""
    registered("PUT", address("2.2.1"), token())
    registered("PUT", address("2.2.1", query="?type=APP_USER"), token(type="APP_USER", whitelist="NEVER"))
    kinds = {
        query: registered("GET", address("2.2.1", query=query)).json() for query in ("", "?type=APP_USER")
    }
    assert [answer["data"]["type"] for answer in kinds.values()] == ["RFID", "APP_USER"]
    assert known().roaming_type == "RFID"


def test_a_uid_belongs_to_the_first_that_has_it(registered: Caller, cpo: Organization) -> None:
    """A partner takes over neither our driver's card nor our group of master passes."""
    ours = roaming.card(cpo, None, uid="04AB11")
    group = IdTokenGroup.objects.create(organization=cpo, uid="MASTERS")
    assert registered("PUT", address("2.2.1"), token(valid=False)).status_code == 201
    assert authorize(charge_point_id=roaming.box(cpo).pk, uid="04AB11", now=now()).status == "Accepted"
    assert known() == ours
    row = ReceivedToken.objects.get()
    assert (row.id_token, row.problem) == (None, "uid_taken")
    assert Event.objects.filter(kind="partner_token.conflict").count() == 1
    registered("PUT", address("2.2.1", "05"), token(uid="05", group_id="MASTERS"))
    registered("PUT", address("2.2.1", "06"), token(uid="06", group_id="FAMILY"))
    assert known("05").group is None
    assert (str(known("06").group), group.tokens.count()) == ("FAMILY", 0)


def test_an_older_state_changes_nothing(registered: Caller) -> None:
    registered("PUT", address("2.2.1"), token(last_updated="2030-01-01T00:00:00Z"))
    registered("PUT", address("2.2.1"), token(valid=False))
    assert known().issuer_valid
    assert registered("GET", address("2.2.1")).json()["data"]["valid"] is True


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
@pytest.mark.parametrize(
    "name", ["token_example_1_app_user", "token_example_2_full_rfid", "token_put_example"]
)
def test_examples_make_the_round_trip(
    server: LiveServer, cpo: Organization, scripted: ScriptedPartner, version: str, name: str
) -> None:
    """Parsed, stored and given back unchanged."""
    path = EXAMPLES / version / f"{name}.json"
    if not path.is_file():
        pytest.skip("needs the examples of the specification")
    raw = json.loads(path.read_text())
    assert load(dump(TOKEN.render(TOKEN.parse(raw, version), version))) == raw
    scripted.country_code, scripted.party_id = raw["country_code"], raw["party_id"]
    answer = Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())
    call = Caller(server, answer.json()["data"]["token"])
    place = address(version, raw["uid"], f"{raw['country_code']}/{raw['party_id']}", f"?type={raw['type']}")
    assert call("PUT", place, raw).status_code == 201
    assert call("GET", place).json()["data"] == raw
    assert call("PATCH", place, example("token_patch_example")).json()["status_code"] == 1000


def test_session_and_cdr_name_the_token_as_its_provider_does(registered: Caller, cpo: Organization) -> None:
    registered("PUT", address("2.2.1", query="?type=APP_USER"), token(type="APP_USER"))
    roaming.running(cpo, known())
    listed = registered("GET", "/ocpi/2.2.1/sender/sessions?date_from=2020-01-01T00:00:00Z").json()["data"]
    assert listed[0]["cdr_token"] == {
        "country_code": "NL",
        "party_id": "TST",
        "uid": "04Ab11",
        "type": "APP_USER",
        "contract_id": "NL-TST-C1",
    }


# --- our drivers' tokens ----------------------------------------------------------------------------


@pytest.fixture
def operator(server: LiveServer, emsp: Organization, scripted: ScriptedPartner) -> Caller:
    """An operator, BE-BEC, that takes tokens, registered with the provider."""
    scripted.country_code, scripted.party_id, scripted.role = "BE", "BEC", "CPO"
    scripted.offers = [("tokens", "RECEIVER")]
    scripted.replies["tokens"] = lambda request: Answer(201)
    answer = Caller(server, issue(emsp))("POST", "/ocpi/drivers/2.2.1/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


def own(emsp: Organization, uid: str = "CARD-1", **fields: Any) -> IdToken:
    return IdToken.objects.create(organization=emsp, uid=uid, **fields)


def sender(version: str, rest: str = "") -> str:
    return f"/ocpi/drivers/{'emsp/' if version == '2.1.1' else ''}{version}/sender/tokens{rest}"


@pytest.mark.parametrize("version", VERSIONS)
def test_our_tokens_in_pages(operator: Caller, emsp: Organization, version: str) -> None:
    """§12.2.2.1, §4.1.4: oldest first, Link until the last page, partners' own left out."""
    for number in range(3):
        own(emsp, f"CARD-{number}", contract_id="NL-MSP-C1", visual_number="7")
    own(emsp, "NOT ASCII é")
    own(emsp, "THEIRS", party=roaming.provider(emsp))
    first = operator("GET", sender(version, "?limit=2"))
    assert (first.headers["X-Total-Count"], first.headers["X-Limit"]) == ("3", "100")
    assert 'rel="next"' in first.headers["Link"]
    second = operator("GET", first.headers["Link"].split(">")[0].removeprefix("<"))
    assert "Link" not in second.headers
    told = [*first.json()["data"], *second.json()["data"]]
    assert [each["uid"] for each in told] == ["CARD-0", "CARD-1", "CARD-2"]
    assert [TOKEN.parse(each, version)["valid"] for each in told] == [True] * 3
    assert told[0]["auth_id" if version == "2.1.1" else "contract_id"] == "NL-MSP-C1"
    assert ("party_id" in told[0]) == (version != "2.1.1")
    since = (now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert operator("GET", sender(version, f"?date_from={since}")).json()["data"] == []


ALLOWED: dict[str, tuple[dict[str, Any], str]] = {
    "good": ({}, "ALLOWED"),
    "blocked": ({"blocked": True}, "BLOCKED"),
    "expired": ({"expires_at": timezone.now() - timedelta(days=1)}, "EXPIRED"),
    "not yet": ({"valid_from": timezone.now() + timedelta(days=1)}, "NOT_ALLOWED"),
    "no credit": ({"out_of_credit": True}, "NO_CREDIT"),
}
PLACE = {"location_id": "LOC1", "evse_uids": ["EVSE-1"]}


@pytest.mark.parametrize("version", VERSIONS)
def test_authorize(operator: Caller, emsp: Organization, version: str) -> None:
    """§12.2.2.2: HTTP 200 whatever the word is; a reference and the place only with a yes."""
    for name, (fields, word) in ALLOWED.items():
        own(emsp, name.upper(), **fields)
        answer = operator("POST", sender(version, f"/{name}/authorize?type=RFID"), PLACE)
        assert (answer.status_code, answer.json()["status_code"]) == (200, 1000)
        told = answer.json()["data"]
        assert told["allowed"] == word
        assert told.get("location") == (PLACE if word == "ALLOWED" else None)
        assert bool(told.get("authorization_reference")) == (word == "ALLOWED" and version != "2.1.1")
        assert ("token" in told) == (version != "2.1.1")
        assert ("info" in told) == (word != "ALLOWED")


@pytest.mark.parametrize("version", VERSIONS)
def test_authorize_without_a_body(operator: Caller, emsp: Organization, version: str) -> None:
    """§12.2.2.2: LocationReferences are optional; 2.1.1 calls the parameter both ways."""
    own(emsp)
    for query in ("", "?type=RFID", "?token_type=RFID", "?type=rfid"):
        for rest in (f"/CARD-1/authorize{query}", f"/NL/MSP/CARD-1/authorize/{query}"):
            assert operator("POST", sender(version, rest)).json()["data"]["allowed"] == "ALLOWED"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_token_is_not_authorized(operator: Caller, emsp: Organization, version: str) -> None:
    """§12.2.2.2: 404 with 2004 and no data; 2.1.1 knows no 2004."""
    own(emsp)
    for rest in ("/NOBODY/authorize", "/CARD-1/authorize?type=APP_USER", "/DE/XXX/CARD-1/authorize"):
        answer = operator("POST", sender(version, rest), PLACE)
        assert (answer.status_code, "data" in answer.json()) == (404, False)
        assert answer.json()["status_code"] == (2000 if version == "2.1.1" else 2004)


def test_a_token_for_some_places_needs_the_place(operator: Caller, emsp: Organization) -> None:
    """§12.2.2.2: 2002 where it cannot be decided without."""
    own(emsp).charge_points.add(roaming.box(emsp))
    without = operator("POST", sender("2.2.1", "/CARD-1/authorize"))
    assert (without.status_code, without.json()["status_code"]) == (200, 2002)
    told = operator("POST", sender("2.2.1", "/CARD-1/authorize"), PLACE).json()["data"]
    assert told["allowed"] == "NOT_ALLOWED"
    wrong = operator("POST", sender("2.2.1", "/CARD-1/authorize"), {"evse_uids": "x"})
    assert wrong.json()["status_code"] == 2001


def test_a_changed_token_is_pushed_once(
    operator: Caller, emsp: Organization, scripted: ScriptedPartner
) -> None:
    """§12.1.1: the latest state by PUT; a token that expires by itself is told again."""
    row = own(emsp, expires_at=now() + timedelta(hours=1))
    partner = Partner.objects.get(party_id="BEC")
    assert tokens_offer(now=now()) <= {partner.pk}
    assert push_all(now(), partner) == 1
    assert tokens_offer(now=now()) == set()
    (sent,) = scripted.sent("PUT", "tokens")
    assert sent.path == "/2.2.1/tokens/NL/MSP/CARD-1"
    assert (sent.query, sent.body["valid"]) == ({"type": ["RFID"]}, True)
    row.blocked = True
    row.save()
    later = now() + timedelta(hours=2)
    tokens_offer(now=later)
    push_all(later, partner)
    assert [each.body["valid"] for each in scripted.sent("PUT", "tokens")] == [True, False]
    assert Delivery.objects.filter(module="tokens").count() == 1


def test_two_platforms_agree_on_a_driver(
    linked: tuple[Partner, Partner], emsp: Organization, cpo: Organization
) -> None:
    """From the driver's card at the provider to the operator's charge points."""
    own(emsp, "CARD-7", contract_id="NL-MSP-C7")
    tokens_offer(now=now())
    push_all(now(), linked[1])
    row = IdToken.objects.get(organization=cpo, uid="CARD-7")
    assert (str(row.party), row.contract_id, row.token_type) == ("NL-MSP", "NL-MSP-C7", "ISO14443")
