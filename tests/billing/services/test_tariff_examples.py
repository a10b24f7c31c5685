"""The worked examples of the tariff chapter that need no restrictions, and the public tariff vectors."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.services.pricing import cdr_priced
from billing.services.rating import Rating, rate
from billing.services.rating_state import Period
from billing.services.tariff_parsing import tariff_parse
from emobility.lib.money import round_minor

START = datetime(2026, 6, 29, 14, 30, tzinfo=UTC)
VECTORS = Path(__file__).parents[3] / ".." / "shared" / "tariff-vectors"


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


def vector_cases() -> list[Any]:
    if not VECTORS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason="no ../shared/tariff-vectors here"))]
    return [pytest.param(path, id=path.parent.name) for path in sorted(VECTORS.glob("*/cdr*.json"))]


@pytest.mark.parametrize("path", vector_cases())
def test_public_vector_gives_its_totals(path):
    """Pairs of tariff and CDR: every total that the CDR names, to the fourth decimal."""
    cdr = json.loads(path.read_text(), parse_float=Decimal)
    given = json.loads((path.parent / "tariff.json").read_text(), parse_float=Decimal)
    priced = cdr_priced(tariff=given, cdr=cdr)
    named = [name for name in cdr if name.startswith("total_")]
    assert len(named) >= 3
    assert {name: priced[name] for name in named} == {name: _numbers(cdr[name]) for name in named}


def test_vectors_without_a_cdr_are_understood():
    if not VECTORS.is_dir():
        pytest.skip("no ../shared/tariff-vectors here")
    for path in VECTORS.glob("*/tariff.json"):
        assert tariff_parse(json.loads(path.read_text())).elements


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: float(part) for name, part in value.items()}
    return float(value)
