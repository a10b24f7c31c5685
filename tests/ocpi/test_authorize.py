"""Real-time authorisation over real sockets: charger, us, provider that misbehaves (T18, F4-F6)."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from central.models import IdToken, ProviderAnswer, Session
from central.services.provider_answers import providers_forget
from ocpi.models import Partner
from ocpi.services.authorizations import gates_forget
from registry.models import Organization
from tests.billing import builders
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, issue
from tests.ocpi.plugging import Plug, plugging
from tests.support.partner import (
    Answer,
    Fault,
    Handler,
    Recorded,
    ScriptedPartner,
    drop,
    error_500,
    not_json,
    oversized,
    redirect_to,
)
from tests.support.server import LiveServer
from tests.support.wait import eventually


@pytest.fixture
def provider(server: LiveServer, cpo: Organization, scripted: ScriptedPartner) -> Iterator[ScriptedPartner]:
    """NL-TST, which is asked about its cards."""
    gates_forget()
    scripted.offers = [("tokens", "SENDER")]
    answer = Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())
    assert answer.json()["status_code"] == 1000
    yield scripted
    gates_forget()


@pytest.fixture
def charger(server: LiveServer, cpo: Organization) -> Plug:
    return plugging(server, roaming.box(cpo))


def card(cpo: Organization, whitelist: str, uid: str = "04A1B2C3") -> IdToken:
    token = roaming.card(cpo, roaming.provider(cpo), uid)
    token.whitelist, token.roaming_type = whitelist, "RFID"
    token.save()
    providers_forget()
    return token


def says(provider: ScriptedPartner, word: str, **more: Any) -> None:
    provider.replies["tokens"] = lambda request: Answer(data={"allowed": word, "token": {}, **more})


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_from_the_card_to_session_and_cdr(
    provider: ScriptedPartner, charger: Plug, cpo: Organization, version: str
) -> None:
    """One question for card and start; the reference stands in session and CDR (§12.3.1, §9.3.1, §10.3.1)."""
    card(cpo, "NEVER")
    says(provider, "ALLOWED", authorization_reference="REF-42")
    with charger(version) as plugged:
        plugged.boot()
        assert plugged.authorize("04A1B2C3") == "Accepted"
        plugged.call(*plugged.start("04A1B2C3").stop(1000))
        session = Session.objects.get()
        assert (session.authorization_status, session.authorization_reference) == ("Accepted", "REF-42")
    for told in roaming.told(session):
        assert (told["authorization_reference"], told["auth_method"]) == ("REF-42", "AUTH_REQUEST")
    (asked,) = provider.sent("POST", "tokens")
    assert asked.path == "/2.2.1/tokens/04A1B2C3/authorize"
    assert asked.query == {"type": ["RFID"]}
    assert asked.body == {"location_id": f"site-{session.site_id}"}
    assert (asked.headers["ocpi-to-party-id"], asked.headers["ocpi-from-party-id"]) == ("TST", "EMP")


def test_a_start_without_a_card_asks_for_its_evse(
    provider: ScriptedPartner, charger: Plug, cpo: Organization
) -> None:
    """The provider that names other EVSEs only says no (§12.3.1)."""
    card(cpo, "NEVER")
    says(provider, "ALLOWED", location={"location_id": "x", "evse_uids": ["BOX-1-2"]})
    with charger() as plugged:
        plugged.boot()
        plugged.start("04A1B2C3", connector=1)
    assert provider.sent("POST", "tokens")[0].body["evse_uids"] == ["BOX-1-1"]
    assert Session.objects.get().authorization_status == "Invalid"


@pytest.mark.parametrize(
    ("word", "status"),
    [("BLOCKED", "Blocked"), ("EXPIRED", "Expired"), ("NO_CREDIT", "Blocked"), ("NOT_ALLOWED", "Invalid")],
)
def test_each_no_has_its_word(
    provider: ScriptedPartner, charger: Plug, cpo: Organization, word: str, status: str
) -> None:
    card(cpo, "ALLOWED_OFFLINE")
    says(provider, word)
    with charger() as plugged:
        plugged.boot()
        assert plugged.authorize("04A1B2C3") == status
    assert ProviderAnswer.objects.get().word == word


def test_a_token_that_its_provider_does_not_know(
    provider: ScriptedPartner, charger: Plug, cpo: Organization
) -> None:
    """2004 is an answer: no whitelist helps."""
    card(cpo, "ALLOWED_OFFLINE")
    provider.replies["tokens"] = lambda request: Answer(404, 2004)
    with charger() as plugged:
        plugged.boot()
        assert plugged.authorize("04A1B2C3") == "Invalid"


def says_401(handler: Handler, request: Recorded) -> None:
    handler.say(Answer(401, 2000, message="who are you?"))


def says_nonsense(handler: Handler, request: Recorded) -> None:
    handler.say(Answer(data={"allowed": "MAYBE"}))


def says_a_list(handler: Handler, request: Recorded) -> None:
    handler.say(Answer(data=[1]))


def wants_to_know_more(handler: Handler, request: Recorded) -> None:
    handler.say(Answer(200, 2002))


FAULTS: list[Fault] = [
    drop,
    error_500,
    not_json,
    oversized,
    redirect_to("http://127.0.0.1:9/"),
    says_401,
    says_nonsense,
    says_a_list,
    wants_to_know_more,
]


def test_whatever_the_provider_does_the_charger_is_answered(
    provider: ScriptedPartner, charger: Plug, cpo: Organization
) -> None:
    """F4-F6: the whitelist decides (§12.4.5): ALLOWED_OFFLINE yes, NEVER no."""
    card(cpo, "ALLOWED_OFFLINE", "OFFLINE")
    card(cpo, "NEVER", "NEVER")
    with charger() as plugged:
        plugged.boot()
        for fault in FAULTS:
            gates_forget()
            provider.misbehave("POST", "tokens", fault, fault)
            assert plugged.authorize("OFFLINE") == "Accepted"
            assert plugged.authorize("NEVER") == "Invalid"
    assert len(provider.sent("POST", "tokens")) == 2 * len(FAULTS)
    assert not ProviderAnswer.objects.exists()


def test_a_partner_that_fails_is_left_alone(
    provider: ScriptedPartner, charger: Plug, cpo: Organization
) -> None:
    """After three failures in a row nobody waits for it."""
    card(cpo, "ALLOWED_OFFLINE")
    provider.misbehave("POST", "tokens", *[error_500] * 9)
    with charger() as plugged:
        plugged.boot()
        assert {plugged.authorize("04A1B2C3") for _ in range(5)} == {"Accepted"}
    assert len(provider.sent("POST", "tokens")) == 3


def test_a_slow_partner_holds_up_no_other_charger(
    provider: ScriptedPartner, charger: Plug, cpo: Organization, settings: LazySettings
) -> None:
    """Its own charger is answered by the whitelist in time; others do not notice (F5)."""
    settings.OCPI_AUTHORIZE_TIME_LIMIT = 1
    card(cpo, "ALLOWED_OFFLINE", "SLOW")
    roaming.card(cpo, None, "OURS")
    release = threading.Event()

    def wait(handler: Handler, request: Recorded) -> None:
        release.wait(20)

    provider.misbehave("POST", "tokens", wait)
    first, other = roaming.box(cpo), builders.charge_point(cpo, "BOX-2")
    answers: list[str] = []
    with charger(box=first) as slow, charger(box=other) as quick:
        slow.boot()
        quick.boot()
        waiting = threading.Thread(target=lambda: answers.append(slow.authorize("SLOW")))
        waiting.start()
        eventually(lambda: provider.sent("POST", "tokens"))
        assert quick.authorize("OURS") == "Accepted"
        assert answers == []
        waiting.join()
        release.set()
    assert answers == ["Accepted"]


def test_a_suspended_partner_is_not_asked(
    provider: ScriptedPartner, charger: Plug, cpo: Organization
) -> None:
    card(cpo, "NEVER")
    Partner.objects.update(status="SUSPENDED")
    with charger() as plugged:
        plugged.boot()
        assert plugged.authorize("04A1B2C3") == "Invalid"
    assert provider.sent("POST", "tokens") == []


def test_the_card_of_a_provider_on_another_platform(
    linked: tuple[Partner, Partner], charger: Plug, cpo: Organization, emsp: Organization
) -> None:
    """Two platforms, one charger: the provider blocks its driver, and that counts at once."""
    gates_forget()
    mine = IdToken.objects.create(organization=emsp, uid="CARD-7")
    party = roaming.provider(cpo, "NL", "MSP")
    IdToken.objects.create(organization=cpo, uid="CARD-7", party=party, whitelist="NEVER")
    with charger("2.0.1") as plugged:
        plugged.boot()
        assert plugged.authorize("CARD-7") == "Accepted"
        IdToken.objects.filter(pk=mine.pk).update(blocked=True)
        assert plugged.authorize("CARD-7") == "Blocked"
