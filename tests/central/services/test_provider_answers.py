"""Tokens of roaming partners: whitelist, the provider's word, orders of the provider (OCPI 2.2.1 §12.4.5)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from central.models import ProviderAnswer
from central.ports import ProviderAnswer as Said
from central.ports import ports
from central.services import provider_answers
from central.services.authorization import authorize
from central.services.local_list_content import list_wanted
from central.services.provider_answers import (
    provider_answer_keep,
    provider_answers_clean,
    provider_ask,
    providers_forget,
    providers_have_a_say,
)
from registry.models import Party
from tests.support.handlers import NOW, charge_point_create, token_create

YES, NO = Said("Accepted", "ALLOWED", "REF-1"), Said("Blocked", "BLOCKED")


@pytest.fixture
def card(organization):
    """Makes a card of a partner's driver."""
    party = Party.objects.create(organization=organization, country_code="NL", party_id="MSP", role="EMSP")

    def make(whitelist="ALLOWED", **fields):
        return token_create(organization, "CARD-1", party=party, whitelist=whitelist, **fields)

    return make


def said(charge_point, token, answer, *, by_order=False, at=NOW):
    provider_answer_keep(
        organization_id=token.organization_id,
        charge_point_id=charge_point.pk,
        id_token_id=token.pk,
        answer=answer,
        by_order=by_order,
        now=at,
    )


def told(charge_point, now=NOW):
    return authorize(charge_point_id=charge_point.pk, uid="card-1", now=now)


@pytest.mark.parametrize(
    ("whitelist", "valid", "answer", "status"),
    [
        ("ALWAYS", True, None, "Accepted"),
        ("ALWAYS", False, None, "Blocked"),
        ("ALLOWED", True, None, "Accepted"),
        ("ALLOWED", False, None, "Blocked"),
        ("ALLOWED_OFFLINE", True, None, "Accepted"),
        ("ALLOWED_OFFLINE", False, None, "Blocked"),
        ("ALLOWED_OFFLINE", False, YES, "Accepted"),
        ("ALLOWED_OFFLINE", True, NO, "Blocked"),
        ("NEVER", True, None, "Invalid"),
        ("NEVER", False, YES, "Accepted"),
        ("NEVER", True, NO, "Blocked"),
    ],
)
def test_the_provider_s_word_comes_before_the_whitelist(charge_point, card, whitelist, valid, answer, status):
    token = card(whitelist, issuer_valid=valid)
    if answer:
        said(charge_point, token, answer)
    assert told(charge_point).status == status


def test_an_answer_is_for_its_place_its_time_and_its_reference(charge_point, card, organization):
    said(charge_point, card("NEVER"), YES)
    assert (told(charge_point).status, told(charge_point).reference) == ("Accepted", "REF-1")
    assert told(charge_point_create(organization)).status == "Invalid"
    assert told(charge_point, NOW + timedelta(minutes=6)).status == "Invalid"


def test_what_we_block_ourselves_stays_blocked(charge_point, card):
    said(charge_point, card("NEVER", blocked=True), YES)
    assert told(charge_point).status == "Blocked"


def test_our_own_tokens_follow_no_whitelist(charge_point, organization):
    token_create(organization, "CARD-1", whitelist="NEVER")
    assert told(charge_point).status == "Accepted"


@pytest.mark.parametrize(
    ("whitelist", "valid", "listed"),
    [
        ("ALLOWED", True, True),
        ("ALLOWED_OFFLINE", True, True),
        ("NEVER", True, False),
        ("ALLOWED", False, False),
    ],
)
def test_a_local_list_holds_what_may_charge_offline(charge_point, card, whitelist, valid, listed):
    card(whitelist, issuer_valid=valid)
    wanted = list_wanted(charge_point=charge_point, version="2.1", now=NOW)
    assert [entry.uid for entry in wanted.entries] == (["CARD-1"] if listed else [])


def test_who_is_out_of_credit_does_not_charge(charge_point, organization):
    token_create(organization, "CARD-1", out_of_credit=True)
    assert told(charge_point).status == "Blocked"


@pytest.fixture
def asked(monkeypatch):
    """The questions that were asked; `answers` says what comes back."""
    questions = []

    def answer(question):
        questions.append(question)
        return YES

    monkeypatch.setattr(ports, "provider_answer", answer)
    return questions


def ask(charge_point, now=NOW, **more):
    provider_ask(
        organization_id=charge_point.organization_id,
        charge_point_id=charge_point.pk,
        uid="CARD-1",
        now=now,
        **more,
    )


@pytest.mark.parametrize(
    ("whitelist", "fields", "questions"),
    [
        ("ALWAYS", {}, 0),
        ("ALLOWED", {}, 0),
        ("ALLOWED_OFFLINE", {}, 1),
        ("NEVER", {"roaming_type": "RFID"}, 1),
        ("NEVER", {"issuer_valid": False}, 1),
        ("NEVER", {"roaming_type": "APP_USER"}, 0),
        ("NEVER", {"roaming_type": "AD_HOC_USER"}, 0),
    ],
)
def test_who_is_asked_about(charge_point, card, asked, whitelist, fields, questions):
    """Never about tokens of apps (OCPI 2.2.1 §13.3.5)."""
    card(whitelist, **fields)
    ask(charge_point)
    assert len(asked) == questions


def test_a_start_lives_on_the_answer_to_its_card(charge_point, card, asked):
    card("NEVER")
    ask(charge_point)
    ask(charge_point, starting=True)
    assert len(asked) == 1
    ask(charge_point, NOW + timedelta(minutes=6), starting=True)
    assert len(asked) == 2


def test_nobody_asks_after_an_order_of_the_provider(charge_point, card, asked):
    """OCPI 2.2.1 §13.3.5: not within 15 minutes of START_SESSION, at that charge point."""
    said(charge_point, card("NEVER"), YES, by_order=True)
    ask(charge_point, NOW + timedelta(minutes=14))
    assert asked == []
    ask(charge_point, NOW + timedelta(minutes=15))
    assert len(asked) == 1


def test_no_message_makes_a_detour_where_no_provider_has_a_say(charge_point, card, asked):
    providers_forget()
    ask(charge_point)
    assert not providers_have_a_say()
    card("NEVER")
    assert providers_have_a_say()


def test_one_message_looks_again_for_all(charge_point, asked, monkeypatch):
    """Whether providers have a say grows old while many messages are on their way."""
    clock = [100.0]
    monkeypatch.setattr(provider_answers, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    providers_forget()
    assert [providers_have_a_say() for _ in range(3)] == [True] * 3
    ask(charge_point)
    clock[0] += provider_answers.LOOK_EVERY
    assert [providers_have_a_say() for _ in range(3)] == [True, False, False]
    clock[0] += provider_answers.LOOK_WITHIN
    assert [providers_have_a_say() for _ in range(2)] == [True, False]
    ask(charge_point)
    assert not providers_have_a_say()


def test_old_answers_are_forgotten(charge_point, card):
    said(charge_point, card("NEVER"), YES)
    assert provider_answers_clean(now=NOW + timedelta(days=1)) == 0
    assert provider_answers_clean(now=NOW + timedelta(days=31)) == 1
    assert not ProviderAnswer.objects.exists()
