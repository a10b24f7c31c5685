"""What the linter says, and what it leaves alone."""

import pytest

from billing.services.tariff_lint import tariff_lint
from billing.services.tariff_parsing import tariff_parse
from tests.billing.rating_cases import element, part, tariff

ENERGY = part("ENERGY", 0.25)
WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
WEEKEND = ["SATURDAY", "SUNDAY"]


def codes(*elements, **fields):
    return [(each.code, each.field) for each in tariff_lint(tariff_parse(tariff(*elements, **fields)))]


ODD = [
    (
        "behind one without conditions",
        [element(ENERGY), element(ENERGY, max_kwh=5)],
        "never_applies",
        "elements.1.price_components.0",
    ),
    (
        "behind a wider one",
        [element(ENERGY, min_power=10), element(ENERGY, min_power=20), element(ENERGY)],
        "never_applies",
        "elements.1.price_components.0",
    ),
    (
        "behind wider times",
        [
            element(ENERGY, start_time="22:00", end_time="06:00"),
            element(ENERGY, start_time="23:00", end_time="01:00"),
            element(ENERGY),
        ],
        "never_applies",
        "elements.1.price_components.0",
    ),
    ("a day without a price", [element(ENERGY, day_of_week=WEEKEND)], "no_default", "elements.0"),
    (
        "a gap between amounts",
        [element(ENERGY, max_kwh=5), element(ENERGY, min_kwh=6)],
        "no_default",
        "elements.1",
    ),
    (
        "a gap in one corner",
        [
            element(ENERGY, max_power=11),
            element(ENERGY, min_power=11, start_time="08:00", end_time="20:00"),
            element(part("TIME", 1)),
        ],
        "no_default",
        "elements.1",
    ),
    (
        "overlapping times",
        [
            element(ENERGY, start_time="08:00", end_time="18:00"),
            element(ENERGY, start_time="17:00", end_time="20:00"),
            element(ENERGY),
        ],
        "overlap",
        "elements.1.restrictions",
    ),
    (
        "a night that names one day",
        [element(ENERGY, start_time="22:00", end_time="06:00", day_of_week=["FRIDAY"]), element(ENERGY)],
        "over_midnight",
        "elements.0.restrictions.day_of_week",
    ),
    (
        "start and end equal",
        [element(ENERGY, start_time="22:00", end_time="22:00")],
        "whole_day",
        "elements.0.restrictions.end_time",
    ),
    (
        "steps of 7 min",
        [element(part("TIME", 1, None, 420))],
        "odd_step",
        "elements.0.price_components.0.step_size",
    ),
    (
        "steps of half an hour",
        [element(part("TIME", 1, None, 1800))],
        "odd_step",
        "elements.0.price_components.0.step_size",
    ),
    (
        "steps of 2 kWh",
        [element(part("ENERGY", 1, None, 2000))],
        "odd_step",
        "elements.0.price_components.0.step_size",
    ),
    (
        "cents taken for euros",
        [element(part("ENERGY", 25))],
        "high_price",
        "elements.0.price_components.0.price",
    ),
    (
        "a share taken for percent",
        [element(part("ENERGY", 0.25, 0.19))],
        "low_vat",
        "elements.0.price_components.0.vat",
    ),
    (
        "only an expiry fee",
        [element(part("FLAT", 5), reservation="RESERVATION_EXPIRES"), element(ENERGY)],
        "only_expiry",
        "elements",
    ),
]


@pytest.mark.parametrize(("elements", "code", "field"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_tariff_is_told(elements, code, field):
    assert (code, field) in codes(*elements)


def test_vat_that_does_not_count_is_told():
    assert ("vat_ignored", "tax_included") in codes(element(part("ENERGY", 1, 20)), tax_included="N/A")


@pytest.mark.parametrize("most", [0, 3])
def test_a_maximum_that_leaves_nothing_to_charge_is_told(most):
    fee = element(part("FLAT", 5), ENERGY)
    assert ("low_maximum", "max_price") in codes(fee, max_price={"excl_vat": most})
    assert codes(fee, max_price={"excl_vat": 5}) == []


def test_days_outside_of_the_validity_are_told():
    validity = {"start_date_time": "2026-03-01T00:00:00Z", "end_date_time": "2027-03-01T00:00:00Z"}
    always = element(ENERGY)
    never = [("never_applies", "elements.0.restrictions")]
    assert codes(element(ENERGY, end_date="2026-02-01"), always, **validity) == never
    assert codes(element(ENERGY, start_date="2027-04-01"), always, **validity) == never
    assert codes(element(ENERGY, start_date="2027-02-01"), always, **validity) == []


GOOD = [
    [element(ENERGY)],
    [element(ENERGY, start_time="22:00", end_time="06:00"), element(ENERGY)],
    [
        element(ENERGY, start_time="22:00", end_time="06:00"),
        element(ENERGY, start_time="06:00", end_time="22:00"),
    ],
    [element(ENERGY, max_kwh=5), element(ENERGY, min_kwh=5)],
    [element(ENERGY, max_power=16), element(ENERGY, max_power=32), element(ENERGY)],
    [element(part("TIME", 5, None, 60), reservation="RESERVATION"), element(ENERGY)],
    [element(ENERGY, day_of_week=WEEKEND), element(ENERGY)],
    # OCPI 2.2.1 §11.4.3.5, "Complex Tariff example": power and weekdays together leave nothing free.
    [
        element(part("TIME", 1, None, 900), max_power=32),
        element(part("TIME", 2, None, 600), min_power=32, day_of_week=WEEKDAYS),
        element(part("TIME", 1.25, None, 600), min_power=32, day_of_week=WEEKEND),
        element(
            part("PARKING_TIME", 5, None, 300), start_time="09:00", end_time="18:00", day_of_week=WEEKDAYS
        ),
    ],
    [element(part("PARKING_TIME", 2, None, 60), min_duration=1800), element(ENERGY)],
    [element(part("FLAT", 1), start_time="22:00", end_time="06:00"), element(ENERGY)],
    [
        element(ENERGY, start_time="06:00", end_time="22:00"),
        element(part("TIME", 1, None, 60), start_time="22:00", end_time="06:00"),
    ],
    [element(ENERGY, start_date="2026-01-01"), element(ENERGY, end_date="2026-01-01")],
    [element(ENERGY, min_kwh=0, min_duration=0)],
]


@pytest.mark.parametrize("elements", GOOD)
def test_good_tariff_has_no_warnings(elements):
    assert codes(*elements) == []
