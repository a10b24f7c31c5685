"""Tariffs are read strictly: a fault is refused with the field named, nothing is silently ignored."""

from decimal import Decimal
from typing import Any

import pytest

from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import elements_json
from emobility.lib.errors import Invalid

GOOD: dict[str, Any] = {
    "currency": "EUR",
    "elements": [
        {
            "price_components": [
                {"type": "FLAT", "price": 0.5, "vat": 20, "step_size": 1},
                {"type": "ENERGY", "price": 0.2345, "step_size": 100},
            ]
        }
    ],
}
ENERGY = {"type": "ENERGY", "price": 0.25, "step_size": 1}


def elements(*components: Any, **more: Any) -> dict[str, Any]:
    return {"currency": "EUR", "elements": [{"price_components": list(components)} | more]}


FAULTS = [
    ({"elements": GOOD["elements"]}, "currency"),
    (GOOD | {"currency": "euro"}, "currency"),
    ({"currency": "EUR"}, "elements"),
    ({"currency": "EUR", "elements": []}, "elements"),
    ({"currency": "EUR", "elements": ["free"]}, "elements.0"),
    (elements(), "elements.0.price_components"),
    (elements({"type": "GIFT", "price": 1, "step_size": 1}), "elements.0.price_components.0.type"),
    (elements(ENERGY | {"price": -0.25}), "elements.0.price_components.0.price"),
    (elements(ENERGY | {"price": "NaN"}), "elements.0.price_components.0.price"),
    (elements(ENERGY | {"price": True}), "elements.0.price_components.0.price"),
    (elements(ENERGY | {"price": 10**9}), "elements.0.price_components.0.price"),
    (elements({"type": "ENERGY", "step_size": 1}), "elements.0.price_components.0.price"),
    (elements(ENERGY | {"vat": 101}), "elements.0.price_components.0.vat"),
    (elements(ENERGY | {"step_size": 0}), "elements.0.price_components.0.step_size"),
    (elements(ENERGY | {"step_size": 1.5}), "elements.0.price_components.0.step_size"),
    (elements(ENERGY | {"taxes": []}), "elements.0.price_components.0.taxes"),
    (elements(ENERGY, ENERGY), "elements.0.price_components"),
    (elements(ENERGY, restrictions={"start_time": "22"}), "elements.0.restrictions.start_time"),
    (elements(ENERGY, restrictions={"end_time": "24:00"}), "elements.0.restrictions.end_time"),
    (elements(ENERGY, restrictions={"start_date": "2026-02-30"}), "elements.0.restrictions.start_date"),
    (
        elements(ENERGY, restrictions={"start_date": "2026-03-01", "end_date": "2026-03-01"}),
        "elements.0.restrictions.end_date",
    ),
    (elements(ENERGY, restrictions={"min_duration": -1}), "elements.0.restrictions.min_duration"),
    (elements(ENERGY, restrictions={"min_kwh": "x"}), "elements.0.restrictions.min_kwh"),
    (elements(ENERGY, restrictions={"min_kwh": 5, "max_kwh": 5}), "elements.0.restrictions.max_kwh"),
    (elements(ENERGY, restrictions={"min_power": -1}), "elements.0.restrictions.min_power"),
    (elements(ENERGY, restrictions={"day_of_week": ["FUNDAY"]}), "elements.0.restrictions.day_of_week"),
    (elements(ENERGY, restrictions={"day_of_week": [7]}), "elements.0.restrictions.day_of_week"),
    (elements(ENERGY, restrictions={"reservation": "MAYBE"}), "elements.0.restrictions.reservation"),
    (elements(ENERGY, restrictions={"weather": "rain"}), "elements.0.restrictions.weather"),
    (elements(ENERGY, restrictions={"reservation": "RESERVATION"}), "elements.0.price_components"),
    (elements(ENERGY, restrictions="weekend"), "elements.0.restrictions"),
    (GOOD | {"min_price": 1}, "min_price"),
    (GOOD | {"min_price": {"incl_vat": 1}}, "min_price.excl_vat"),
    (GOOD | {"max_price": {"excl_vat": 2, "incl_vat": 1}}, "max_price.incl_vat"),
    (GOOD | {"min_price": {"excl_vat": 2}, "max_price": {"excl_vat": 1}}, "max_price"),
    (GOOD | {"tax_included": "MAYBE"}, "tax_included"),
    (GOOD | {"type": "SECRET"}, "type"),
    (GOOD | {"start_date_time": "soon"}, "start_date_time"),
    (
        GOOD | {"start_date_time": "2026-01-02T00:00:00Z", "end_date_time": "2026-01-01T00:00:00Z"},
        "end_date_time",
    ),
]


@pytest.mark.parametrize(
    ("given", "field"), FAULTS, ids=[f"{row[1]}-{number}" for number, row in enumerate(FAULTS)]
)
def test_faulty_tariff_is_refused_with_the_field_named(given, field):
    with pytest.raises(Invalid) as refused:
        tariff_parse(given)
    assert field in refused.value.fields


def test_every_fault_is_told_at_once():
    with pytest.raises(Invalid) as refused:
        tariff_parse(
            {"currency": "", "elements": [{"price_components": [ENERGY | {"price": -1, "step_size": 0}]}]}
        )
    assert set(refused.value.fields) == {
        "currency",
        "elements.0.price_components.0.price",
        "elements.0.price_components.0.step_size",
    }


def test_good_tariff_survives_the_way_to_json_and_back():
    parsed = tariff_parse(GOOD)
    assert parsed.elements[0].components[1].price == Decimal("0.2345")
    assert tariff_parse({"currency": "EUR", "elements": elements_json(parsed)}) == parsed


def test_unknown_time_zone_is_refused():
    with pytest.raises(Invalid) as refused:
        tariff_parse(GOOD, time_zone="Mars/Olympus_Mons")
    assert "time_zone" in refused.value.fields


EVERY = {
    "start_time": "22:00",
    "end_time": "06:00",
    "start_date": "2026-01-01",
    "end_date": "2026-12-31",
    "min_kwh": 1,
    "max_kwh": 50.5,
    "min_current": 6,
    "max_current": 32,
    "min_power": 3.7,
    "max_power": 22,
    "min_duration": 60,
    "max_duration": 7200,
    "day_of_week": ["MONDAY", "SUNDAY"],
}


def test_every_restriction_survives_the_way_to_json_and_back():
    given = elements(ENERGY, restrictions=EVERY)
    assert elements_json(tariff_parse(given)) == given["elements"]


def test_limits_of_2_3_0_are_those_of_2_2_1():
    new = GOOD | {"min_price": {"before_taxes": 1, "after_taxes": 1.2}, "tax_included": "NO"}
    assert tariff_parse(new) == tariff_parse(GOOD | {"min_price": {"excl_vat": 1, "incl_vat": 1.2}})


def test_empty_restrictions_restrict_nothing():
    assert tariff_parse(elements(ENERGY, restrictions={"day_of_week": [], "start_time": None})).elements
