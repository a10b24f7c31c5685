"""Examples of the specification: parsed, stored, given back unchanged, unknown fields kept (OCPI.md §3)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ocpi.core.envelope import dump, load
from ocpi.core.fields import Schema
from ocpi.core.modules import STORERS, Arrival
from ocpi.core.money_objects import ENERGY_MIX, TARIFF
from ocpi.core.place_objects import CONNECTOR, EVSE, HOURS, LOCATION
from ocpi.models import Partner, ReceivedCdr, ReceivedLocation, ReceivedSession, ReceivedTariff
from ocpi.modules.cdrs.schema import CDR
from ocpi.modules.sessions.schema import SESSION
from registry.models import Organization, Party

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "ocpi-examples"
FOLDERS = {
    "2.2.1": "2.2.1",
    "2.3.0": "2.3.0",
    "2.3.0-payments": "2.3.0",
    "2.3.0-bookings": "2.3.0",
}
OBJECTS: dict[str, tuple[str, Schema, Any]] = {
    "cdr_example": ("cdrs", CDR, ReceivedCdr),
    "session_example": ("sessions", SESSION, ReceivedSession),
    "location_example": ("locations", LOCATION, ReceivedLocation),
    "tariff_": ("tariffs", TARIFF, ReceivedTariff),
    "tariffrestriction_": ("tariffs", TARIFF, ReceivedTariff),
}
WRONG = {"tariff_put_example"}
"""No last_updated."""
EDITION_1 = {"location_example", "location_example_parking_garage_opening_hours"}
"""Of the bookings branch: parking references as strings, as before edition 2."""
PATCHES = {
    "location_patch_example_location": LOCATION,
    "location_patch_example_status": EVSE,
    "location_patch_example_remove_evse": EVSE,
    "location_patch_example_tariff": CONNECTOR,
    "session_patch_example_charging_period": SESSION,
    "session_patch_example_total_cost": SESSION,
}
PARTS = {
    "location_hours_247_open_exception_closing": (HOURS, ""),
    "location_hours_opening_hours_with_exceptional_closing": (HOURS, ""),
    "location_hours_opening_hours_with_exceptional_opening": (HOURS, ""),
    "location_regularhours_example": (HOURS, "opening_times"),
    "location_energymix_example_simple": (ENERGY_MIX, "energy_mix"),
    "location_energymix_example_energy_provider": (ENERGY_MIX, "energy_mix"),
    "location_energymix_example_complete": (ENERGY_MIX, "energy_mix"),
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _kind(name: str) -> tuple[str, Schema, Any] | None:
    found = [kind for prefix, kind in OBJECTS.items() if name.startswith(prefix)]
    return found[0] if found and name not in WRONG else None


def _cases() -> Iterator[Any]:
    for folder in FOLDERS:
        for path in sorted((EXAMPLES / folder).glob("*.json")):
            is_old = folder == "2.3.0-bookings" and path.stem in EDITION_1
            if _kind(path.stem) and not is_old:
                yield pytest.param(folder, path.stem, id=f"{folder}/{path.stem}")
    if not EXAMPLES.is_dir():
        yield pytest.param("", "", id="none")


def raw(folder: str, name: str) -> Any:
    """An example as it stands; skips where the files are not beside the project."""
    path = EXAMPLES / folder / f"{name}.json"
    if not path.is_file():
        pytest.skip("needs the examples of the specification in ../shared/ocpi-examples")
    return json.loads(path.read_text(encoding="utf-8"))


def owner(body: dict[str, Any], version: str) -> Partner:
    """The operator that owns an object, registered with us."""
    organization = Organization.objects.create(name="Drivers", slug="drivers")
    country_code, party_id = body["country_code"], body["party_id"]
    partner = Partner.objects.create(
        organization=organization, country_code=country_code, party_id=party_id, version=version
    )
    partner.parties.add(
        Party.objects.create(
            organization=organization, country_code=country_code, party_id=party_id, role="CPO"
        )
    )
    return partner


@pytest.mark.django_db
@pytest.mark.parametrize(("folder", "name"), list(_cases()))
def test_an_example_is_stored_and_given_back_unchanged(folder: str, name: str) -> None:
    """Unknown fields at the top and inside are kept, too."""
    body, version = raw(folder, name), FOLDERS[folder]
    kind = _kind(name)
    assert kind is not None
    module, schema, model = kind
    body["nltnm_extra"] = {"a": [1, None]}
    assert load(dump(schema.render(schema.parse(body, version), version))) == body
    assert STORERS[module](Arrival(owner(body, version), version, body, NOW))
    assert model.objects.get().payload == body


@pytest.mark.parametrize("name", PATCHES)
@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_an_example_of_a_patch_is_understood(version: str, name: str) -> None:
    body = raw(version, name)
    assert set(PATCHES[name].parse_partial(body, version)) == set(body)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_an_example_of_a_part_makes_the_round_trip(version: str, name: str) -> None:
    """Hours and energy mix stand alone in their files, or under the name of their field."""
    schema, field = PARTS[name]
    body = raw(version, name)
    part = body[field] if field else body
    assert load(dump(schema.render(schema.parse(part, version), version))) == part
