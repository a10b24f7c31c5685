"""The review queue over REST and in the admin; nothing of it goes to anybody unseen."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Cdr, Review
from billing.services.cdrs import cdr_create
from billing.services.review_cases import reviews_open_missing
from billing.services.review_decisions import Act, review_accept
from billing.services.review_proposals import repair_proposed
from central.models import Connector, Evse, SessionEvent
from emobility.lib.errors import Conflict
from registry.models import AuditEntry
from tests.billing.builders import (
    ENERGY,
    START,
    at,
    charge_point,
    default_tariff,
    ended_session,
    organization,
)
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.messages import Transaction
from tests.support.registry import person

REASONS = [
    "not_authorized",
    "clock_unset",
    "clock_ahead",
    "clock_jumped",
    "end_before_start",
    "stop_below_start",
    "stop_below_meter_values",
    "start_register_zero",
    "impossible_energy",
    "no_register",
    "no_stop_before_boot",
    "closed_by_hand",
    "missing_events",
    "unknown_transaction",
]


@pytest.fixture
def owner(db):
    made = organization()
    default_tariff(made, ENERGY)
    return made


def signed_in(owner, role="operator"):
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(person(owner, role, is_staff=True))
    return client


@pytest.fixture
def api(owner):
    return signed_in(owner)


def held(owner, reason="impossible_energy", **fields):
    """A session in doubt, its held CDR, its case."""
    box = charge_point(owner, f"BOX-{reason}")
    defaults: dict[str, Any] = {"needs_review": True, "review_reasons": [reason]}
    session = ended_session(box, **(defaults | fields))
    cdr = cdr_create(session_id=session.pk, now=at(61))
    assert cdr is not None
    return session, cdr, Review.objects.get(session=session)


def decide(client, case, decision, **body):
    return client.post(
        f"/api/reviews/{case.pk}/decide/",
        {"decision": decision, "reason": "I looked."} | body,
        content_type="application/json",
    )


def released():
    return list(Cdr.objects.ready_for_delivery().order_by("pk"))


@pytest.mark.parametrize("reason", REASONS)
def test_each_doubt_waits_in_the_queue_with_plain_words_and_nothing_goes(owner, api, reason):
    _session, cdr, case = held(owner, reason)
    assert released() == []
    (row,) = api.get("/api/reviews/?open=true").json()["results"]
    assert (row["id"], row["cdr"], row["decision"]) == (case.pk, cdr.cdr_id, "")
    assert row["reasons"][0]["code"] == reason
    assert row["reasons"][0]["text"] != reason


def test_accepting_releases_the_cdr_as_it_is(owner, api):
    session, cdr, case = held(owner)
    answer = decide(api, case, "accept")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["decision"], answer.json()["decided_by"]) == ("accepted", "operator-acme")
    assert released() == [cdr]
    session.refresh_from_db()
    assert (session.needs_review, session.review_reasons) == (False, ["impossible_energy"])
    assert api.get("/api/reviews/?open=true").json()["results"] == []
    told = api.get(f"/api/cdrs/{cdr.cdr_id}").json()
    assert (told["needs_review"], told["released_at"] is None) == (True, False)
    assert decide(api, case, "waive").status_code == 409
    entry = AuditEntry.objects.get(action="review.accepted")
    assert entry.after is not None
    assert entry.after["cdr"] == cdr.cdr_id


def test_repairing_bills_what_a_person_says(owner, api):
    session, cdr, case = held(owner)
    values = {"energy_wh": 4000, "started_at": at(0).isoformat(), "ended_at": at(30).isoformat()}
    missing = decide(api, case, "repair", energy_wh=4000)
    assert (missing.status_code, set(missing.json()["fields"])) == (400, {"started_at", "ended_at"})
    assert decide(api, case, "repair", **values).status_code == 200
    (new,) = released()
    assert (new.replaces, new.energy_wh, new.total_time_s) == (cdr, 4000, 1800)
    assert new.total_cost_excl == 2
    session.refresh_from_db()
    assert session.energy_wh == 10_000
    assert session.rating.amount_excl == 2


def test_waiving_bills_nothing(owner, api):
    session, _cdr, case = held(owner)
    assert decide(api, case, "waive").status_code == 200
    assert released() == []
    assert Cdr.objects.count() == 1
    session.refresh_from_db()
    assert session.rating.amount_incl == 0


def test_absurd_amounts_are_not_accepted(owner, api):
    _session, _cdr, case = held(owner, wh=2**62)
    refused = decide(api, case, "accept")
    assert (refused.status_code, released()) == (409, [])


def test_a_decision_needs_a_reason_and_a_role(owner, api):
    _session, _cdr, case = held(owner)
    assert decide(api, case, "accept", reason="").status_code == 400
    assert decide(signed_in(owner, "viewer"), case, "accept").status_code == 403
    assert decide(api, case, "link").status_code == 400
    assert decide(api, case, "dismiss").status_code == 409
    assert released() == []


def test_a_case_shows_evidence_and_a_repair(owner, api):
    box = charge_point(owner, "BOX-E")
    evse = Evse.objects.create(charge_point=box, number=1)
    Connector.objects.create(charge_point=box, evse=evse, number=1, max_power_w=11_000)
    session = ended_session(
        box,
        wh=900_000,
        meter_last_wh=9000,
        meter_last_at=at(59),
        needs_review=True,
        review_reasons=["impossible_energy"],
    )
    cdr_create(session_id=session.pk, now=at(61))
    case = Review.objects.get()
    told = api.get(f"/api/reviews/{case.pk}/").json()
    assert told["evidence"]["registers"] == {"start": 1000, "last": 9000, "stop": 901_000}
    assert (told["evidence"]["possible_wh"], told["evidence"]["max_power_w"]) == (11_000, 11_000)
    assert (told["proposal"]["repair"]["energy_wh"], told["proposal"]["changes"]) == (8000, True)
    assert "last good meter value" in told["proposal"]["why"][0]


def test_an_unset_clock_is_repaired_by_ours(owner):
    session = ended_session(
        charge_point(owner),
        started_at=START.replace(year=1970),
        ended_at=START.replace(year=1970) + timedelta(minutes=20),
        end_received_at=at(20),
        review_reasons=["clock_unset"],
    )
    found = repair_proposed(session, session.review_reasons)
    assert (found.repair.started_at, found.repair.ended_at) == (START, at(20))


def test_a_clock_that_jumped_is_repaired_by_the_times_of_the_messages(owner):
    session = ended_session(charge_point(owner), started_at=START - timedelta(days=3), minutes=20)
    found = repair_proposed(session, ["clock_jumped"])
    assert (found.repair.started_at, found.repair.ended_at) == (START, at(20))


@pytest.fixture
def stray(owner):
    """A session that runs, and a stop of another system's number with another register."""
    token_create(owner)
    bench = Bench(charge_point_create(owner, "AMBER-1"), "1.6")
    bench.begin(wh=1000)
    frame = Transaction("1.6", "", id=4711).stop(6000, NOW + timedelta(minutes=30))
    del frame[1]["idTag"]
    bench.after(minutes=30).call(*frame)
    assert SessionEvent.objects.get(kind="stop").quarantine_reason == "unknown_transaction"
    reviews_open_missing(now=NOW, limit=10)
    reviews_open_missing(now=NOW, limit=10)
    return bench.session(), Review.objects.get()


def test_a_stop_in_quarantine_is_linked_to_its_session(api, stray):
    session, case = stray
    told = api.get(f"/api/reviews/{case.pk}/").json()
    assert told["proposal"]["session"] == str(session.uid)
    assert told["evidence"]["frames"][0]["payload"]["meterStop"] == 6000
    assert decide(api, case, "accept").status_code == 409
    answer = decide(api, case, "link", session=str(session.uid))
    assert answer.status_code == 200, answer.content
    session.refresh_from_db()
    assert (session.state, session.energy_wh) == ("ended", 5000)
    assert [cdr.energy_wh for cdr in released()] == [5000]
    assert SessionEvent.objects.get(kind="stop").session == session


def test_a_stop_is_not_linked_to_another_charge_point_or_organisation(owner, api, stray):
    foreign = ended_session(charge_point(organization("other"), "OTHER"))
    elsewhere = ended_session(charge_point(owner, "BOX-2"))
    for session in (foreign, elsewhere):
        assert decide(api, stray[1], "link", session=str(session.uid)).status_code == 400
    assert decide(api, stray[1], "dismiss").status_code == 200
    assert SessionEvent.objects.get(kind="stop").quarantine_reason


def test_two_people_at_once_decide_once(owner):
    _session, _cdr, case = held(owner)
    act = Act(person(owner, "operator", is_staff=True), "Mine.")
    stale = Review.objects.get(pk=case.pk)
    review_accept(review=case, act=act, now=at(70))
    with pytest.raises(Conflict):
        review_accept(review=stale, act=act, now=at(71))


def test_a_sent_cdr_is_corrected_over_rest(owner):
    session = ended_session(charge_point(owner))
    cdr = cdr_create(session_id=session.pk, now=at(61))
    assert cdr is not None
    url = f"/api/cdrs/{cdr.cdr_id}/correct/"
    body = {"reason": "Could not charge.", "nothing": True}
    refused = signed_in(owner).post(url, body, content_type="application/json")
    assert refused.status_code == 403
    admin = signed_in(owner, "admin")
    assert admin.post(url, body, content_type="application/json").status_code == 200
    assert [each.kind for each in released()] == ["original", "credit"]
    assert admin.post(url, body, content_type="application/json").status_code == 409


def page(response):
    assert response.status_code == 200
    return response.content.decode().replace("\xa0", " ")


def test_the_page_of_a_case_tells_and_decides(owner, api):
    _session, cdr, case = held(owner)
    assert "More energy than the connector can deliver" in page(api.get("/admin/billing/review/?state=open"))
    url = f"/admin/billing/review/{case.pk}"
    story = page(api.get(f"{url}/change/"))
    for words in ("Registers", "Both clocks", "Most that could flow", "Bill nothing"):
        assert words in story
    form = page(api.get(f"{url}/do/repair/"))
    assert 'value="10000"' in form
    assert api.post(f"{url}/do/accept/", {"reason": ""}).status_code == 200
    assert api.post(f"{url}/do/accept/", {"reason": "Right."}).status_code == 302
    assert released() == [cdr]
    assert "Accepted as it is" in page(api.get(f"{url}/change/"))
    assert "Accepted as it is" in page(api.get(f"/admin/billing/cdr/{cdr.pk}/change/")) or released()


def test_the_page_repairs_links_and_credits(owner, api, stray):
    session, case = stray
    url = f"/admin/billing/review/{case.pk}/do/link/"
    assert str(session.transaction_id) in page(api.get(url))
    assert api.post(url, {"session": str(session.pk), "reason": "Fits."}).status_code == 302
    (cdr,) = released()
    admin = signed_in(owner, "admin")
    values = {
        "energy_wh": "2000",
        "started_at": "2026-03-02T12:00:00",
        "ended_at": "2026-03-02T12:30:00",
        "reason": "Wrong register.",
    }
    answer = admin.post(f"/admin/billing/cdr/{cdr.pk}/do/correct/", values)
    assert answer.status_code == 302, page(answer)
    assert [each.kind for each in released()] == ["original", "replacement", "credit"]
    assert "Replaces" in page(admin.get(f"/admin/billing/cdr/{released()[1].pk}/change/"))
