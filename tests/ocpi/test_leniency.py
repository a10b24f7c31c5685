"""What partners do beside the specification: tolerated by profile, written down, limited in number."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from ocpi.core import auth, leniency
from ocpi.core.client import PartnerClient
from ocpi.core.errors import ParametersInvalid, PeerSilent
from ocpi.core.fields import Field, Schema, string
from ocpi.models import Deviation, Exchange, Partner
from ocpi.models.deviation import Sloppiness
from tests.ocpi.conftest import Caller, now
from tests.support.partner import Answer, Handler, Recorded, ScriptedPartner

CDRS = "/ocpi/2.2.1/sender/cdrs"
WHOLE = {
    "OCPI_from_country_code": "NL",
    "OCPI_from_party_id": "TST",
    "OCPI_to_country_code": "DE",
    "OCPI_to_party_id": "EMP",
}
THING = Schema("Thing", (Field("id", string(36)), Field("name", string(10)), Field("note", string(10), "?")))


def profile(**switches: bool) -> Partner:
    Partner.objects.update(leniency=switches)
    cache.clear()
    return Partner.objects.get()


INCOMING: list[tuple[Sloppiness, dict[str, str], int]] = [
    (Sloppiness.TOKEN_FORM, {**WHOLE, "Authorization": "Token {token}"}, 401),
    (Sloppiness.MESSAGE_IDS, {**WHOLE, "X_Request_ID": ""}, 200),
    (Sloppiness.ROUTING_HEADERS, {}, 200),
]


@pytest.mark.parametrize(("kind", "headers", "refused"), INCOMING)
def test_a_sloppy_message_is_tolerated_by_profile_and_written_down(
    registered: Caller, kind: Sloppiness, headers: dict[str, str], refused: int
) -> None:
    """Raw token, missing message ids, missing routing headers."""
    given = {name: value.format(token=registered.token) for name, value in headers.items()}
    assert registered("GET", CDRS, **WHOLE).json()["status_code"] == 1000
    assert not Deviation.objects.filter(kind=kind).exists()
    assert registered("GET", CDRS, **given).json()["status_code"] == 1000
    row = Deviation.objects.get(kind=kind)
    assert (row.partner, row.tolerated, "GET cdrs" in row.detail) == (Partner.objects.get(), True, True)
    profile(**{kind.value: False})
    answer = registered("GET", CDRS, **given)
    assert (answer.status_code, answer.json()["status_code"]) == (refused, 2000 if refused == 401 else 2001)
    assert not Deviation.objects.get(kind=kind).tolerated
    assert registered("GET", CDRS, **WHOLE).json()["status_code"] == 1000


def test_configuration_modules_need_no_routing_headers(registered: Caller) -> None:
    """§4.1.8: never there, so never missed."""
    profile(routing_headers=False)
    assert registered("GET", "/ocpi/2.2.1/credentials").status_code == 200
    assert not Deviation.objects.exists()


def test_a_deviation_is_written_once_a_minute(registered: Caller) -> None:
    for _ in range(3):
        registered("GET", CDRS)
    assert Deviation.objects.get(kind="routing_headers").count == 1
    cache.clear()
    registered("GET", CDRS)
    assert Deviation.objects.get(kind="routing_headers").count == 2


def test_fields_are_judged_by_profile(registered: Caller) -> None:
    """Unknown ones pass unless the profile forbids it, in 2.3.0 always; missing ones where it allows it."""

    def read(body: Any, version: str = "2.2.1") -> dict[str, Any]:
        return leniency.read(Partner.objects.get(), THING, body, version, now(), needed=("id",))

    extra = {"id": "1", "name": "n", "colour": "red"}
    assert read(extra)["colour"] == "red"
    assert Deviation.objects.get(kind="extra_fields").detail == "Thing: colour"
    with pytest.raises(ParametersInvalid):
        read({"id": "1"})
    profile(extra_fields=False, missing_fields=True)
    with pytest.raises(ParametersInvalid):
        read(extra)
    assert read(extra, "2.3.0")["colour"] == "red"
    assert read({"id": "1"}) == {"id": "1"}
    wrongs: list[Any] = [{"name": "n"}, {"id": "1", "name": 5}, []]
    for wrong in wrongs:
        with pytest.raises(ParametersInvalid):
            read(wrong)


def empty(handler: Handler, request: Recorded) -> None:
    handler.raw(204, b"")


def created_as_200(handler: Handler, request: Recorded) -> None:
    handler.say(Answer(200, 1000))


@pytest.mark.parametrize(
    ("kind", "method", "module", "fault"),
    [
        (Sloppiness.DELETE_BODY, "DELETE", "tariffs", empty),
        (Sloppiness.STATUS_200, "POST", "cdrs", created_as_200),
    ],
)
def test_a_sloppy_answer_is_tolerated_by_profile_and_written_down(
    registered: Caller, scripted: ScriptedPartner, kind: Sloppiness, method: str, module: str, fault: Any
) -> None:
    """A DELETE without a body, 200 where 201 is meant, an answer without message ids."""

    def ask() -> None:
        scripted.misbehave(method, module, fault)
        client = PartnerClient.of(Partner.objects.get(), now())
        client.call(method, scripted.url(f"/2.2.1/{module}"), module=module)

    ask()
    assert Deviation.objects.get(kind=kind).tolerated
    profile(**{kind.value: False})
    with pytest.raises(PeerSilent):
        ask()
    assert not Deviation.objects.get(kind=kind).tolerated


def test_a_partner_that_asks_too_much_is_told_when_to_come_back(
    registered: Caller, settings: LazySettings
) -> None:
    """429 with Retry-After in the envelope; its own limit counts before the setting; 0 is none."""
    settings.OCPI_PARTNER_REQUESTS_PER_MINUTE = 1
    Partner.objects.update(requests_per_minute=3)
    answers = [registered("GET", CDRS) for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 2
    assert refused[0].json()["status_code"] == 2000
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert Exchange.objects.filter(http_status=429).count() == 1, "an operator sees it, a flood fills no log"
    Partner.objects.update(requests_per_minute=0)
    assert registered("GET", CDRS).status_code == 200


def test_the_usual_form_of_a_token_is_no_deviation(registered: Caller) -> None:
    assert auth.form_of("2.2.1") == "base64"
    assert auth.form_of("2.1.1") == "raw"
    registered("GET", CDRS, **WHOLE)
    assert not Deviation.objects.exists()
