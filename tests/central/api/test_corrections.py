"""What people correct by hand: a session without an end, the version of a local list."""

from datetime import timedelta

import pytest
from django.test import Client

from billing.models import Cdr
from billing.selectors.cdrs import PROVISIONAL_WAIT
from billing.services.cdrs import cdr_create
from central.models import LocalList, Session
from central.services.local_lists import local_list_order
from registry.models import AuditEntry
from registry.models.user import Role
from tests.support.handlers import NOW
from tests.support.world import staff


@pytest.fixture
def api(organization):
    def make(role=Role.OPERATOR):
        client = Client()
        client.force_login(staff(organization, role))
        return client

    return make


@pytest.fixture
def session(bench, token):
    transaction = bench.begin(token.uid, wh=1000)
    bench.after(minutes=30).call(*transaction.meter(wh=4000))
    return Session.objects.get()


def close(client, session, **body):
    return client.post(f"/api/sessions/{session.uid}/close/", body, content_type="application/json")


def test_a_session_is_closed_by_hand_and_its_bill_is_held(api, session):
    client = api()
    assert close(client, session).status_code == 400
    answer = close(client, session, reason="The charger burnt down.")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["state"], told["energy_wh"], told["needs_review"]) == ("ended", 3000, True)
    assert told["review_reasons"] == ["closed_by_hand"]
    act = AuditEntry.objects.get(action="session.closed")
    assert (act.actor, act.object_id) == ("operator-amber", str(session.uid))
    assert act.after == {"reason": "The charger burnt down.", "energy_wh": 3000}
    assert close(client, session, reason="again").status_code == 409
    session.refresh_from_db()
    cdr_create(session_id=session.pk, now=session.end_received_at + PROVISIONAL_WAIT)
    assert Cdr.objects.get().needs_review


def test_a_real_end_replaces_the_one_by_hand(api, session, bench):
    close(api(), session, reason="It hangs.")
    stop = {
        "transactionId": int(session.transaction_id),
        "meterStop": 5500,
        "timestamp": (NOW + timedelta(hours=1)).isoformat(),
    }
    bench.after(hours=1).call("StopTransaction", stop)
    session.refresh_from_db()
    assert (session.energy_wh, session.review_reasons, session.provisional_end) == (4500, [], False)


def test_who_only_looks_closes_nothing(api, session):
    assert close(api(Role.MAINTENANCE), session, reason="x").status_code == 403
    session.refresh_from_db()
    assert session.state == "active"


def test_the_page_asks_why(api, session):
    client, url = api(), f"/admin/central/session/{session.pk}/do/close/"
    assert "stops no car" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 200
    assert client.post(url, {"reason": "gone"}).status_code == 302
    session.refresh_from_db()
    assert session.review_reasons == ["closed_by_hand"]


def version(client, row, **body):
    return client.post(f"/api/local-lists/{row.pk}/version/", body, content_type="application/json")


def test_the_version_of_a_local_list_is_corrected(api, charge_point):
    row = LocalList.objects.create(charge_point=charge_point, version=9, trusted=True, state="in_step")
    assert version(api(Role.VIEWER), row, version=3).status_code == 403
    client = api()
    assert version(client, row, version=3).status_code == 204
    row.refresh_from_db()
    assert (row.version, row.trusted, row.state) == (3, False, "behind")
    act = AuditEntry.objects.get(action="local_list.version_set")
    assert (act.before, act.after) == ({"version": 9}, {"version": 3})
    assert version(client, row, version=-1).status_code == 400
    command = local_list_order(charge_point=charge_point, params={}, now=NOW)
    assert command.params["version"] == 4
    assert version(client, row, version=5).status_code == 409
