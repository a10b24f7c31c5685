"""What partners tell us: their sessions and CDRs, and nobody else's (OCPI 2.2.1 §9.2.2, §10.2.2; T18)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ocpi.models import ReceivedCdr, ReceivedSession
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue
from tests.ocpi.test_fields import example
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer

BASE = "/ocpi/drivers/2.2.1"
SESSIONS, CDRS = f"{BASE}/receiver/sessions", f"{BASE}/receiver/cdrs"


@pytest.fixture
def operator(server: LiveServer, emsp: Organization, scripted: ScriptedPartner) -> Caller:
    """An operator, BE-BEC, registered with the provider."""
    scripted.country_code, scripted.party_id, scripted.role = "BE", "BEC", "CPO"
    answer = Caller(server, issue(emsp))("POST", f"{BASE}/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


def session(**changes: Any) -> dict[str, Any]:
    return {**example("session_example_2_short_finished"), **changes}


def cdr(**changes: Any) -> dict[str, Any]:
    return {**example("cdr_example"), **changes}


def test_a_session_is_kept_word_for_word(operator: Caller) -> None:
    """§9.2.2: 201 for a new one, 200 for a known one, unknown fields kept."""
    body = session(nltnm_extra={"a": 1})
    assert operator("PUT", f"{SESSIONS}/BE/BEC/101", body).status_code == 201
    again = operator("PUT", f"{SESSIONS}/BE/BEC/101", body)
    assert (again.status_code, again.json()["status_code"], "data" in again.json()) == (200, 1000, False)
    assert operator("GET", f"{SESSIONS}/BE/BEC/101").json()["data"] == body
    assert operator("GET", f"{SESSIONS}/be/bec/101/").json()["data"] == body


def test_put_replaces_and_patch_appends_periods(operator: Caller) -> None:
    """§9.2.2.2, §9.2.2.3."""
    operator("PUT", f"{SESSIONS}/BE/BEC/101", session())
    patch = example("session_patch_example_charging_period")
    assert operator("PATCH", f"{SESSIONS}/BE/BEC/101", patch).json()["status_code"] == 1000
    told = operator("GET", f"{SESSIONS}/BE/BEC/101").json()["data"]
    assert (told["kwh"], len(told["charging_periods"]), told["status"]) == (15, 4, "COMPLETED")
    assert told["total_cost"] == {"excl_vat": 0.8, "incl_vat": 0.88}
    later = session(last_updated="2030-01-01T00:00:00Z")
    del later["charging_periods"]
    operator("PUT", f"{SESSIONS}/BE/BEC/101", later)
    assert operator("GET", f"{SESSIONS}/BE/BEC/101").json()["data"] == later


def test_an_older_state_changes_nothing(operator: Caller) -> None:
    """Messages may overtake each other."""
    newest = session(last_updated="2030-01-01T00:00:00Z")
    operator("PUT", f"{SESSIONS}/BE/BEC/101", newest)
    assert operator("PUT", f"{SESSIONS}/BE/BEC/101", session(kwh=1)).json()["status_code"] == 1000
    assert operator("GET", f"{SESSIONS}/BE/BEC/101").json()["data"] == newest


def test_a_wrong_patch_changes_nothing(operator: Caller) -> None:
    """§9.2.2.3: last_updated is required, the result must still be a session."""
    later = {"last_updated": "2030-01-01T00:00:00Z"}
    patches: list[Any] = [
        {"kwh": 1},
        {"kwh": "x", **later},
        {"kwh": None, **later},
        {"id": "102", **later},
        {"party_id": "EVL", **later},
        [],
    ]
    operator("PUT", f"{SESSIONS}/BE/BEC/101", session())
    for patch in patches:
        answer = operator("PATCH", f"{SESSIONS}/BE/BEC/101", patch)
        assert (answer.status_code, answer.json()["status_code"]) == (200, 2001), patch
    assert operator("GET", f"{SESSIONS}/BE/BEC/101").json()["data"] == session()


def test_an_unknown_session_is_404(operator: Caller) -> None:
    patch = {"kwh": 1, "last_updated": "2030-01-01T00:00:00Z"}
    assert operator("GET", f"{SESSIONS}/BE/BEC/9").status_code == 404
    assert operator("PATCH", f"{SESSIONS}/BE/BEC/9", patch).status_code == 404


def test_a_cdr_is_kept_and_shown_at_its_address(operator: Caller) -> None:
    """§10.2.2.2: 201 and Location; GET there gives it back."""
    answer = operator("POST", CDRS, cdr())
    assert (answer.status_code, answer.json()["status_code"]) == (201, 1000)
    location = answer.headers["Location"]
    assert location.startswith(operator.server.http(CDRS))
    assert operator("GET", location).json()["data"] == cdr()
    assert operator("GET", f"{CDRS}/12345").json()["data"] == cdr()
    assert operator("GET", f"{CDRS}/none").status_code == 404


def test_the_same_cdr_again_is_no_second_one(operator: Caller) -> None:
    """F6: same id and content: 200 and the same address, by ten at once, too."""
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: operator("POST", CDRS, cdr()), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert ReceivedCdr.objects.count() == 1


def test_another_cdr_under_the_same_id_is_refused(operator: Caller) -> None:
    """§10.1: a CDR cannot change; ids are compared without case."""
    operator("POST", CDRS, cdr(id="abc"))
    answer = operator("POST", CDRS, cdr(id="ABC", total_energy=1))
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2001)
    assert ReceivedCdr.objects.get().payload == cdr(id="abc")


def test_a_cdr_cannot_be_changed(operator: Caller) -> None:
    """§10.2.2: no PUT, PATCH, DELETE."""
    operator("POST", CDRS, cdr())
    for method in ("PUT", "PATCH", "DELETE"):
        body = None if method == "DELETE" else cdr(total_energy=1)
        assert operator(method, f"{CDRS}/BE/BEC/12345", body).status_code == 405


SPOOFS: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", f"{SESSIONS}/BE/EVL/101", {"party_id": "EVL"}),
    ("PUT", f"{SESSIONS}/NL/BEC/101", {"country_code": "NL"}),
    ("PUT", f"{SESSIONS}/NL/MSP/101", {"country_code": "NL", "party_id": "MSP"}),
    ("PUT", f"{SESSIONS}/BE/BEC/101", {"party_id": "EVL"}),
    ("PUT", f"{SESSIONS}/BE/BEC/101", {"country_code": "NL"}),
    ("PUT", f"{SESSIONS}/BE/EVL/101", {}),
    ("PUT", f"{SESSIONS}/NL/BEC/101", {}),
    ("PUT", f"{SESSIONS}/BE/BEC/102", {}),
    ("PUT", f"{SESSIONS}/BE/BEC/101", {"id": "102"}),
    ("PUT", f"{SESSIONS}/DE/EMP/101", {"country_code": "DE", "party_id": "EMP"}),
    ("PATCH", f"{SESSIONS}/BE/EVL/101", {}),
    ("PATCH", f"{SESSIONS}/NL/BEC/101", {}),
    ("PATCH", f"{SESSIONS}/NL/MSP/101", {}),
    ("PATCH", f"{SESSIONS}/DE/EMP/101", {}),
    ("POST", CDRS, {"party_id": "EVL"}),
    ("POST", CDRS, {"country_code": "NL"}),
    ("POST", CDRS, {"country_code": "NL", "party_id": "MSP"}),
    ("POST", CDRS, {"country_code": "DE", "party_id": "EMP"}),
    ("POST", CDRS, {"country_code": "", "party_id": ""}),
    ("POST", CDRS, {"party_id": None}),
]


def test_nobody_writes_for_another_party(operator: Caller) -> None:
    """T18: address, body and registration must name the same party: 20 times 2001, and no row."""
    for method, path, changes in SPOOFS:
        body = cdr(**changes) if method == "POST" else session(**changes)
        answer = operator(method, path, body)
        assert (answer.status_code, answer.json()["status_code"]) == (200, 2001), (method, path, changes)
    assert len(SPOOFS) == 20
    assert not ReceivedSession.objects.exists()
    assert not ReceivedCdr.objects.exists()


def test_nobody_reads_another_party(server: LiveServer, emsp: Organization, operator: Caller) -> None:
    """404 for what is another operator's."""
    operator("PUT", f"{SESSIONS}/BE/BEC/101", session())
    operator("POST", CDRS, cdr())
    with ScriptedPartner("BE", "EVL", "CPO") as other:
        answer = Caller(server, issue(emsp))("POST", f"{BASE}/credentials", other.credentials())
        spy = Caller(server, answer.json()["data"]["token"])
        for path in (f"{SESSIONS}/BE/BEC/101", f"{CDRS}/BE/BEC/12345", f"{CDRS}/12345"):
            assert spy("GET", path).status_code == 404
