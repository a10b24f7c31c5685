"""Prices in plain words."""

from decimal import Decimal

import pytest

from billing.services.cdr_making import ABSURD_AMOUNT, NO_TARIFF, PROVISIONAL_END
from billing.services.rating import rate
from billing.services.rating_state import Period
from billing.services.summaries import line_name, line_reason, review_words, tariff_summary
from billing.services.tariff_parsing import tariff_parse
from tests.billing.builders import START, components
from tests.billing.rating_cases import element


def parsed(*parts, **limits):
    return tariff_parse({"currency": "EUR", "elements": components(*parts)} | limits)


def part(kind, price, vat=None, step=1):
    return {"type": kind, "price": price, "vat": vat, "step_size": step}


@pytest.mark.parametrize(
    ("tariff", "words"),
    [
        (
            parsed(part("ENERGY", 0.25), part("PARKING_TIME", 2)),
            "0.25 EUR/kWh, 2 EUR/h parking after charging ends",
        ),
        (
            parsed(part("FLAT", 0.5, 20), part("ENERGY", 0.2345, 10)),
            "0.50 EUR to start, 0.2345 EUR/kWh, plus VAT",
        ),
        (parsed(part("TIME", 1.2, None, 900)), "1.20 EUR/h charging (in steps of 15 min)"),
        (
            parsed(part("ENERGY", 1, None, 500), min_price={"excl_vat": 0.5}, max_price={"excl_vat": 10}),
            "1 EUR/kWh (in steps of 0.5 kWh), at least 0.50 EUR, at most 10 EUR",
        ),
        (parsed(part("FLAT", 0)), "free of charge"),
    ],
)
def test_tariff_in_one_line(tariff, words):
    assert tariff_summary(tariff) == words


def test_each_line_says_why():
    tariff = parsed(
        part("FLAT", 1),
        part("ENERGY", 0.45),
        part("PARKING_TIME", 2, None, 900),
        min_price={"excl_vat": 50},
    )
    period = Period(START, START, Decimal(11_300), Decimal(0), Decimal(2520))
    lines = [line.as_json() for line in rate(tariff, [period]).lines]
    assert [(line_name(line), line_reason(line, "EUR")) for line in lines] == [
        ("Start fee", "once for each session"),
        ("Energy", "11.3 kWh at 0.45 EUR/kWh"),
        ("Parking time", "42 min, billed as 45 min (steps of 15 min), at 2 EUR/h"),
        ("Raised to the minimum", "a session costs at least this"),
    ]


@pytest.mark.parametrize(
    "code", [NO_TARIFF, PROVISIONAL_END, ABSURD_AMOUNT, "stop_below_start", "impossible_energy"]
)
def test_every_reason_for_review_has_words(code):
    assert "_" not in review_words(code)
    assert review_words(code) != code


NIGHT = {"start_time": "22:00", "end_time": "06:00"}


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        (
            [
                element(part("ENERGY", 0.2), start_time="22:00"),
                element(part("ENERGY", 0.25), part("PARKING_TIME", 2)),
            ],
            "0.25 EUR/kWh, after 22:00 0.20, 2 EUR/h parking after charging ends",
        ),
        (
            [
                element(part("ENERGY", 0.2), day_of_week=["SATURDAY", "SUNDAY"], **NIGHT),
                element(part("ENERGY", 0.25)),
            ],
            "0.25 EUR/kWh, on weekends from 22:00 to 06:00 0.20",
        ),
        (
            [element(part("ENERGY", 0), max_duration=1800), element(part("ENERGY", 0.4))],
            "0.40 EUR/kWh, in the first 30 min free",
        ),
        (
            [
                element(part("ENERGY", 0.3), max_power=16),
                element(part("ENERGY", 0.5), min_power=16, max_power=50),
            ],
            "below 16 kW 0.30 EUR/kWh, from 16 kW up below 50 kW 0.50",
        ),
        (
            [
                element(part("PARKING_TIME", 2), min_kwh=10),
                element(part("TIME", 1), min_current=32, min_duration=60),
            ],
            "after the first 1 min from 32 A up 1 EUR/h charging, "
            "after 10 kWh 2 EUR/h parking after charging ends",
        ),
        (
            [
                element(part("FLAT", 2), part("TIME", 5), reservation="RESERVATION"),
                element(part("FLAT", 4), reservation="RESERVATION_EXPIRES"),
                element(part("ENERGY", 0.25, 20)),
            ],
            "0.25 EUR/kWh, 2 EUR to reserve, 5 EUR/h reserved, 4 EUR where a reservation expires, plus VAT",
        ),
        (
            [element(part("ENERGY", 1), end_date="2026-12-24"), element(part("ENERGY", 2))],
            "2 EUR/kWh, until before 12/24/2026 1",
        ),
    ],
)
def test_conditions_in_words(elements, words):
    assert tariff_summary(tariff_parse({"currency": "EUR", "elements": elements})) == words


def test_taxes_in_words():
    given = {"currency": "EUR", "elements": [element(part("ENERGY", 1, 20))], "tax_included": "YES"}
    assert tariff_summary(tariff_parse(given)) == "1 EUR/kWh, VAT included"
