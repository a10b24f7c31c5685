"""The worked examples of the tariff chapter that need no restrictions, and the public tariff vectors."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.services.rating import Rating, fold, rate, settle
from billing.services.rating_state import Period, RatingState
from billing.services.tariff_parsing import tariff_parse
from emobility.lib.errors import Invalid
from emobility.lib.money import round_minor

START = datetime(2026, 6, 29, 14, 30, tzinfo=UTC)
VECTORS = Path(__file__).parents[3] / ".." / "shared" / "tariff-vectors"
UNITS = {"ENERGY": ("energy_wh", 1000), "TIME": ("time_s", 3600), "PARKING_TIME": ("parking_time_s", 3600)}


def component(kind: str, price: str, vat: str | None = None, step: int = 1) -> dict[str, Any]:
    body: dict[str, Any] = {"type": kind, "price": float(price), "step_size": step}
    return body if vat is None else body | {"vat": float(vat)}


def tariff(*components: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return {"currency": "EUR", "elements": [{"price_components": list(components)}]} | limits


def price(given: dict[str, Any], *, kwh: str = "0", minutes: str = "0", parked: str = "0") -> Rating:
    """Price a session of two periods: charging, then parked."""
    turn = START + timedelta(minutes=float(minutes))
    periods = [
        Period(START, turn, Decimal(kwh) * 1000, Decimal(minutes) * 60),
        Period(turn, turn + timedelta(minutes=float(parked)), parking_time_s=Decimal(parked) * 60),
    ]
    return rate(tariff_parse(given), periods)


FEE = component("FLAT", "0.50", "20")
ENERGY = component("ENERGY", "0.25", "10")
EXAMPLES = [
    ("0.25 per kWh", tariff(ENERGY), {"kwh": "20"}, "5.00", "5.50"),
    ("start fee", tariff(FEE, ENERGY), {"kwh": "20"}, "5.50", "6.10"),
    (
        "minimum price not reached by 20 kWh",
        tariff(ENERGY, min_price={"excl_vat": 0.5, "incl_vat": 0.55}),
        {"kwh": "20"},
        "5.00",
        "5.50",
    ),
    (
        "minimum price instead of 1.9 kWh",
        tariff(ENERGY, min_price={"excl_vat": 0.5, "incl_vat": 0.55}),
        {"kwh": "1.9"},
        "0.50",
        "0.55",
    ),
    (
        "40 min parking billed as 45",
        tariff(FEE, ENERGY, component("PARKING_TIME", "2.00", "20", 900)),
        {"kwh": "20", "minutes": "60", "parked": "40"},
        "7.00",
        "7.90",
    ),
    (
        "maximum price of 50 kWh",
        tariff(FEE, ENERGY, max_price={"excl_vat": 10, "incl_vat": 11}),
        {"kwh": "50"},
        "10.00",
        "11.00",
    ),
    (
        "maximum price not reached by 30 kWh",
        tariff(FEE, ENERGY, max_price={"excl_vat": 10, "incl_vat": 11}),
        {"kwh": "30"},
        "8.00",
        "8.85",
    ),
    ("2 per hour", tariff(component("TIME", "2", "10", 60)), {"minutes": "150"}, "5.00", "5.50"),
    (
        "3 per hour, 5 per hour parking, 42 min parking billed as 45",
        tariff(component("TIME", "3", "10", 60), component("PARKING_TIME", "5", "20", 300)),
        {"minutes": "150", "parked": "42"},
        "11.25",
        "12.75",
    ),
    (
        "5.2 % VAT",
        tariff(component("TIME", "1.90", "5.2", 300)),
        {"minutes": "150"},
        "4.75",
        "5.00",
    ),
    (
        "20.45 kWh billed as 20.5",
        tariff(FEE, component("ENERGY", "0.25", "10", 100)),
        {"kwh": "20.45"},
        "5.63",
        "6.24",
    ),
    (
        "20.45 kWh at 0.22",
        tariff(FEE, component("ENERGY", "0.22", "10", 100)),
        {"kwh": "20.45"},
        "5.01",
        "5.56",
    ),
    ("free of charge", tariff(component("FLAT", "0", None, 0)), {"kwh": "20"}, "0", "0"),
]


@pytest.mark.parametrize(
    ("given", "session", "excl", "incl"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES]
)
def test_worked_example_costs_what_the_tariff_chapter_says(given, session, excl, incl):
    """OCPI 2.2.1 mod_tariffs, examples: figures as printed there, rounded to cents."""
    rating = price(given, **session)
    assert round_minor(rating.total_excl, "EUR") == Decimal(excl)
    assert round_minor(rating.total_incl, "EUR") == Decimal(incl)


@pytest.mark.parametrize(
    ("wh", "step", "cost"),
    [("115.2", 1, "0.0290"), ("101", 25, "0.0313"), ("125", 25, "0.0313"), ("1", 500, "0.1250")],
)
def test_energy_is_billed_in_whole_steps(wh, step, cost):
    """OCPI 2.2.1 PriceComponent, note on step_size: 115.2 Wh are billed as 116."""
    rating = price(tariff(component("ENERGY", "0.25", None, step)), kwh=str(Decimal(wh) / 1000))
    assert rating.total_excl == Decimal(cost)


def test_charging_time_before_parking_is_not_rounded():
    """OCPI 2.2.1 mod_cdrs, step_size: 21 min charging stay 21, 16 min parking become 20."""
    rating = price(
        tariff(component("TIME", "1", None, 600), component("PARKING_TIME", "2", None, 600)),
        minutes="21",
        parked="16",
    )
    assert [(line.dimension, int(line.billed)) for line in rating.lines] == [
        ("TIME", 1260),
        ("PARKING_TIME", 1200),
    ]


def mixed(given: dict[str, Any], *amounts: tuple[int, str, str]) -> Rating:
    """Price a session whose price changes midway: (element, field, quantity) for each part in turn."""
    parsed = tariff_parse(given)
    state = RatingState()
    for element, field, quantity in amounts:
        only = tariff_parse(given | {"elements": [given["elements"][element]]})
        part = fold(only, RatingState(), Period(START, START, **{field: Decimal(quantity)}))
        usages = [use.__class__((element, use.ref[1]), use.quantity) for use in part.usages]
        state = RatingState(START, START, usages=(*state.usages, *usages))
    return settle(parsed, state)


def test_f15_energy_step_counts_once_over_both_prices():
    """F15: 4.3 kWh at 0.20 and 1.1 kWh at 0.27, step 500 Wh: 5.5 kWh in all, 1.184."""
    elements = [{"price_components": [component("ENERGY", amount, None, 500)]} for amount in ("0.20", "0.27")]
    rating = mixed(
        {"currency": "EUR", "elements": elements}, (0, "energy_wh", "4300"), (1, "energy_wh", "1100")
    )
    assert sum(line.billed for line in rating.lines) == 5500
    assert rating.total_excl == Decimal("1.184")


def test_f15_time_step_counts_once_and_adds_to_the_last_price():
    """F15: 6 min at 5 and 22 min at 7 an hour, step 10 min: 24 min at the second price, 3.30."""
    elements = [{"price_components": [component("TIME", amount, None, 600)]} for amount in ("5", "7")]
    rating = mixed({"currency": "EUR", "elements": elements}, (0, "time_s", "360"), (1, "time_s", "1320"))
    assert [line.billed for line in rating.lines] == [360, 1440]
    assert rating.total_excl == Decimal("3.30")


def vector_cases() -> list[Any]:
    if not VECTORS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason="no ../shared/tariff-vectors here"))]
    return [pytest.param(path, id=path.parent.name) for path in sorted(VECTORS.glob("*/cdr*.json"))]


def vector_periods(cdr: dict[str, Any]) -> list[Period]:
    periods = []
    for item in cdr["charging_periods"]:
        at = datetime.fromisoformat(item["start_date_time"])
        volumes = {
            UNITS[each["type"]][0]: Decimal(str(each["volume"])) * UNITS[each["type"]][1]
            for each in item["dimensions"]
        }
        periods.append(Period(at, at, **volumes))
    return periods


@pytest.mark.parametrize("path", vector_cases())
def test_public_vector_gives_its_totals(path):
    """Pairs of tariff and CDR: totals to the fourth decimal; those with restrictions are refused by name."""
    cdr = json.loads(path.read_text())
    given = json.loads((path.parent / "tariff.json").read_text())
    if any(element.get("restrictions") for element in given["elements"]):
        with pytest.raises(Invalid) as refused:
            tariff_parse(given)
        assert "elements.0.restrictions" in refused.value.fields
        return
    rating = rate(tariff_parse(given), vector_periods(cdr))
    assert rating.total_excl == Decimal(str(cdr["total_cost"]["excl_vat"]))
    assert rating.total_incl == Decimal(str(cdr["total_cost"]["incl_vat"]))
    if "total_energy_cost" in cdr:
        wanted = cdr["total_energy_cost"]
        assert rating.cost("ENERGY") == (Decimal(str(wanted["excl_vat"])), Decimal(str(wanted["incl_vat"])))
