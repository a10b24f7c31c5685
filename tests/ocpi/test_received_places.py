"""Partners' locations and tariffs as they tell them (OCPI 2.2.1 §8.2.2, §11.2.2; 2.1.1 the same chapters)."""

import json
from typing import Any

import pytest
from django.conf import LazySettings

from ocpi.models import ReceivedLocation, ReceivedTariff, ReceivedTariffVersion
from tests.ocpi.rows import VERSIONS, Asker, organization, partner

pytestmark = pytest.mark.django_db

OLD, NEW, NEWER = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"


def connector(version: str, **changes: Any) -> dict[str, Any]:
    volts = ("voltage", "amperage") if version == "2.1.1" else ("max_voltage", "max_amperage")
    return {
        "id": "1",
        "standard": "IEC_62196_T2",
        "format": "SOCKET",
        "power_type": "AC_3_PHASE",
        volts[0]: 230,
        volts[1]: 16,
        "last_updated": OLD,
        **changes,
    }


def evse(version: str, uid: str = "E1", **changes: Any) -> dict[str, Any]:
    plugs = [connector(version)]
    return {"uid": uid, "status": "AVAILABLE", "connectors": plugs, "last_updated": OLD, **changes}


def location(version: str, **changes: Any) -> dict[str, Any]:
    owner = {} if version == "2.1.1" else {"country_code": "NL", "party_id": "TST", "publish": True}
    kind = {"type": "ON_STREET"} if version == "2.1.1" else {"time_zone": "Europe/Amsterdam"}
    return {
        **owner,
        **kind,
        "id": "LOC1",
        "name": "Plein",
        "address": "Plein 1",
        "city": "Delft",
        "postal_code": "2611",
        "country": "NLD",
        "coordinates": {"latitude": "52.011580", "longitude": "4.357070"},
        "evses": [evse(version), evse(version, "E2")],
        "last_updated": OLD,
        **changes,
    }


def tariff(version: str, **changes: Any) -> dict[str, Any]:
    owner = {} if version == "2.1.1" else {"country_code": "NL", "party_id": "TST"}
    tax = {"tax_included": "NO"} if version == "2.3.0" else {}
    part = {"type": "ENERGY", "price": 0.25, "step_size": 1}
    return {
        **owner,
        **tax,
        "id": "T1",
        "currency": "EUR",
        "elements": [{"price_components": [part]}],
        "last_updated": OLD,
        **changes,
    }


@pytest.fixture(params=VERSIONS)
def ask(request: pytest.FixtureRequest, settings: LazySettings) -> Asker:
    """An operator, NL-TST, in each version."""
    return Asker(partner(organization("EMSP"), "CPO", request.param), settings)


def code(answer: Any) -> tuple[int, int]:
    return answer.status_code, json.loads(answer.content)["status_code"]


PLACE = "receiver/locations/NL/TST/LOC1"


def test_a_location_is_kept_word_for_word_and_found_on_the_map(ask: Asker) -> None:
    """201 for a new one, 200 for a known one; the same at all three levels without regard to case."""
    body = location(ask.row.version, nltnm_extra=1)
    assert [ask("PUT", PLACE, body).status_code for _ in range(2)] == [201, 200]
    assert ask.data("GET", PLACE.lower()) == body
    assert ask.data("GET", f"{PLACE}/e2") == body["evses"][1]
    assert ask.data("GET", f"{PLACE}/E1/1/") == body["evses"][0]["connectors"][0]
    row = ReceivedLocation.objects.get()
    assert (row.name, row.city, row.latitude, row.longitude) == ("Plein", "Delft", 52.01158, 4.35707)
    assert (row.evse_count, row.free_count, row.is_public, row.version) == (2, 2, True, ask.row.version)


def test_a_change_inside_raises_the_times_around_it(ask: Asker) -> None:
    """§8.2.2.2, §8.2.2.3: PATCH of EVSE and connector, PUT of both; what is older changes nothing."""
    version = ask.row.version
    ask("PUT", PLACE, location(version))
    assert code(ask("PATCH", f"{PLACE}/E1", {"status": "CHARGING", "last_updated": NEW})) == (200, 1000)
    told = ask.data("GET", PLACE)
    assert (told["last_updated"], [each["last_updated"] for each in told["evses"]]) == (NEW, [NEW, OLD])
    assert told["evses"][0]["status"] == "CHARGING"
    ask("PATCH", f"{PLACE}/E1", {"status": "AVAILABLE", "last_updated": OLD})
    ask("PATCH", f"{PLACE}/E2/1", {"format": "CABLE", "last_updated": NEWER})
    ask("PATCH", f"{PLACE}/E2", {"status": "RESERVED", "last_updated": NEW})
    told = ask.data("GET", PLACE)
    assert [each["status"] for each in told["evses"]] == ["CHARGING", "AVAILABLE"]
    plug = told["evses"][1]["connectors"][0]
    assert (plug["format"], plug["last_updated"], told["last_updated"]) == ("CABLE", NEWER, NEWER)
    added = evse(version, "E3", last_updated=OLD)
    assert code(ask("PUT", f"{PLACE}/E3", added)) == (201, 1000)
    second = connector(version, id="2", last_updated=NEWER)
    assert code(ask("PUT", f"{PLACE}/E3/2", second)) == (201, 1000)
    told = ask.data("GET", PLACE)
    assert (told["last_updated"], told["evses"][2]["last_updated"]) == (NEWER, NEWER)
    assert told["evses"][2]["connectors"] == [connector(version), second]


def test_a_removed_evse_stays(ask: Asker) -> None:
    """§8.1: REMOVED is a status, nothing is deleted; it is counted no longer."""
    ask("PUT", PLACE, location(ask.row.version))
    ask("PATCH", f"{PLACE}/E1", {"status": "REMOVED", "last_updated": NEW})
    assert [each["status"] for each in ask.data("GET", PLACE)["evses"]] == ["REMOVED", "AVAILABLE"]
    assert ReceivedLocation.objects.get().evse_count == 1
    assert ask("DELETE", f"{PLACE}/E1").status_code == 405


def test_what_is_wrong_changes_nothing(ask: Asker) -> None:
    """2003 for an unknown place, 2001 for a wrong body; last_updated is required from 2.2 on."""
    version = ask.row.version
    later = {"last_updated": NEW}
    assert code(ask("PATCH", PLACE, {"name": "x", **later})) == (404, 2003)
    assert code(ask("PUT", f"{PLACE}/E1", evse(version))) == (404, 2003)
    assert code(ask("GET", PLACE)) == (404, 2003)
    ask("PUT", PLACE, location(version))
    cases: list[tuple[str, str, Any, int]] = [
        ("PATCH", f"{PLACE}/E9", {"status": "CHARGING", **later}, 2003),
        ("PATCH", f"{PLACE}/E1/9", {"format": "CABLE", **later}, 2003),
        ("PUT", f"{PLACE}/E9/1", connector(version), 2003),
        ("PATCH", f"{PLACE}/E1", {"status": "charging", **later}, 2001),
        ("PATCH", f"{PLACE}/E1", {"status": None, **later}, 2001),
        ("PATCH", f"{PLACE}/E1", {"connectors": [], **later}, 2001),
        ("PATCH", f"{PLACE}/E1", {"uid": "E2", **later}, 2001),
        ("PATCH", PLACE, {"id": "LOC2", **later}, 2001),
        ("PATCH", PLACE, [], 2001),
        ("PUT", f"{PLACE}/E2", evse(version), 2001),
        ("PUT", PLACE, location(version, id="LOC2"), 2001),
        ("PUT", PLACE, location(version, address=None), 2001),
        ("PUT", PLACE.replace("TST", "OTH"), location(version), 2001),
        ("PUT", PLACE, None, 2001),
    ]
    for method, path, body, wanted in cases:
        assert code(ask(method, path, body))[1] == wanted, (method, path, body)
    without = code(ask("PATCH", f"{PLACE}/E1", {"status": "AVAILABLE"}))
    assert without == ((200, 1000) if version == "2.1.1" else (200, 2001))
    if version != "2.1.1":
        assert ask.data("GET", PLACE) == location(version)


def test_versions_of_a_tariff_are_kept(ask: Asker) -> None:
    """§11.2.2: PUT, GET, DELETE; what it was before stays for the CDRs of that time."""
    path, version = "receiver/tariffs/NL/TST/T1", ask.row.version
    first = tariff(version)
    assert [ask("PUT", path, first).status_code for _ in range(2)] == [201, 200]
    dearer = tariff(version, last_updated=NEW, tariff_alt_url="https://x.example")
    ask("PUT", path, dearer)
    ask("PUT", path, first)
    assert ask.data("GET", path) == dearer
    assert [row.payload for row in ReceivedTariffVersion.objects.order_by("pk")] == [first, dearer]
    assert code(ask("DELETE", path)) == (200, 1000)
    assert ask("GET", path).status_code == ask("DELETE", path).status_code == 404
    assert (ReceivedTariff.objects.count(), ReceivedTariffVersion.objects.count()) == (1, 2)
    assert ask("PUT", path, tariff(version, last_updated=NEWER)).status_code == 200
    assert ask.data("GET", path)["last_updated"] == NEWER


def test_a_tariff_is_patched_in_2_1_1_alone(ask: Asker) -> None:
    """2.1.1 tariffs §2.2.3; from 2.2 on 405."""
    path = "receiver/tariffs/NL/TST/T1"
    ask("PUT", path, tariff(ask.row.version))
    answer = ask("PATCH", path, {"currency": "SEK"})
    assert answer.status_code == (200 if ask.row.version == "2.1.1" else 405)
    assert ask.data("GET", path)["currency"] == ("SEK" if ask.row.version == "2.1.1" else "EUR")
