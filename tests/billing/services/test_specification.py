"""The worked examples of OCPI 2.2.1 and 2.3.0 (mod_tariffs, mod_cdrs) with the figures of the text."""

import json

import pytest

from billing.services.native_prices import priced_native
from billing.services.pricing import cdr_priced
from tests.billing.rating_cases import (
    MONDAY,
    billed,
    cdr,
    clock,
    element,
    parked,
    part,
    reserved,
    tariff,
    told,
    total,
)

WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
FEE = part("FLAT", 0.50, 20)
ENERGY = part("ENERGY", 0.25, 10)
STARTED = element(FEE, ENERGY)
COMPLEX = tariff(
    element(part("FLAT", 2.50, 15)),
    element(part("TIME", 1.00, 20, 900), max_current=32),
    element(part("TIME", 2.00, 20, 600), min_current=32, day_of_week=WEEKDAYS),
    element(part("TIME", 1.25, 20, 600), min_current=32, day_of_week=["SATURDAY", "SUNDAY"]),
    element(part("PARKING_TIME", 5, 10, 300), start_time="09:00", end_time="18:00", day_of_week=WEEKDAYS),
    element(part("PARKING_TIME", 6, 10, 300), start_time="10:00", end_time="17:00", day_of_week=["SATURDAY"]),
)
SATURDAY = MONDAY.replace(month=7, day=4)


def test_complex_tariff_on_a_monday_morning():
    """2.2.1 and 2.3.0, "Complex Tariff example": 165 min at most 16 A, then 42 min parked: 9.00 and 10.30."""
    session = cdr(clock("09:30"), told(165, 20, MAX_CURRENT=16), parked(42))
    assert billed(COMPLEX, session) == [("FLAT", 1, 2.5), ("TIME", 165, 2.75), ("PARKING_TIME", 45, 3.75)]
    assert total(COMPLEX, session) == (9.00, 10.30)


def test_complex_tariff_on_a_saturday_afternoon():
    """2.2.1 and 2.3.0, "Complex Tariff example": 114 min at least 43 A, 71 min parked: 12.28 and 13.861.

    The text multiplies by 1.20 an hour where its own tariff says 1.25; with 1.25 it is 12.375 and 13.975.
    """
    session = cdr(clock("13:30", SATURDAY), told(114, 20, MIN_CURRENT=43), parked(71))
    assert total(COMPLEX, session) == (12.375, 13.975)
    misprinted = json.loads(json.dumps(COMPLEX).replace("1.25", "1.20"))
    assert billed(misprinted, session) == [("FLAT", 1, 2.5), ("TIME", 114, 2.28), ("PARKING_TIME", 75, 7.5)]
    assert total(misprinted, session) == (12.28, 13.861)


RESERVATIONS = [
    (
        "reservation price: 15 min",
        tariff(element(part("TIME", 5, 20, 60), reservation="RESERVATION"), STARTED),
        [reserved(15), told(60, 20)],
        (6.75, 7.60),
        (1.25, 1.50),
    ),
    (
        "reservation price and fee: 13 min billed as 15",
        tariff(element(part("FLAT", 2, 20), part("TIME", 5, 20, 300), reservation="RESERVATION"), STARTED),
        [reserved(13), told(60, 20)],
        (8.75, 10.00),
        (3.25, 3.90),
    ),
    (
        "expire fee, used after 22 min billed as 30",
        "EXPIRE FEE",
        [reserved(22), told(60, 20)],
        (6.50, 7.30),
        (1.00, 1.20),
    ),
    ("expire fee, expired after 1 h", "EXPIRE FEE", [reserved(60)], (6.00, 7.20), (6.00, 7.20)),
    (
        "expire time, used after 22 min billed as 30",
        "EXPIRE TIME",
        [reserved(22), told(60, 20)],
        (7.00, 7.90),
        (1.50, 1.80),
    ),
    ("expire time, expired after 1.5 h", "EXPIRE TIME", [reserved(90)], (9.00, 10.80), (9.00, 10.80)),
]
EXPIRING = {
    "EXPIRE FEE": tariff(
        element(part("FLAT", 4, 20), reservation="RESERVATION_EXPIRES"),
        element(part("TIME", 2, 20, 600), reservation="RESERVATION"),
        STARTED,
    ),
    "EXPIRE TIME": tariff(
        element(part("TIME", 6, 20, 600), reservation="RESERVATION_EXPIRES"),
        element(part("TIME", 3, 20, 600), reservation="RESERVATION"),
        STARTED,
    ),
}


@pytest.mark.parametrize(
    ("given", "periods", "costs", "of_reservation"),
    [row[1:] for row in RESERVATIONS],
    ids=[row[0] for row in RESERVATIONS],
)
def test_reservations_cost_what_the_examples_say(given, periods, costs, of_reservation):
    """2.2.1 and 2.3.0, "Tariff example with reservation price" (and fee, and expire fee, and expire time)."""
    given = EXPIRING.get(given, given) if isinstance(given, str) else given
    priced = cdr_priced(tariff=given, cdr=cdr(clock("10:00"), *periods))
    assert tuple(priced["total_cost"].values()) == costs
    assert tuple(priced["total_reservation_cost"].values()) == of_reservation


def test_expired_time_goes_first_wherever_it_stands():
    """2.2.1 §11.4.3, note: time of an expired reservation is priced by RESERVATION_EXPIRES."""
    given = EXPIRING["EXPIRE TIME"]
    turned = given | {"elements": [given["elements"][number] for number in (1, 0, 2)]}
    assert total(turned, cdr(clock("10:00"), reserved(90))) == (9.00, 10.80)


STEPS = tariff(
    element(part("TIME", 1.2, None, 1800), part("PARKING_TIME", 1, None, 900), end_time="17:00"),
    element(
        part("TIME", 2.4, None, 900), part("PARKING_TIME", 1, None, 900), start_time="17:00", end_time="20:00"
    ),
    element(part("TIME", 2.4, None, 900), start_time="20:00", end_time="00:00"),
)


@pytest.mark.parametrize(
    ("start", "periods", "lines", "cost"),
    [
        (
            "16:55",
            [told(10), parked(2)],
            [("TIME", 5, 0.1), ("TIME", 5, 0.2), ("PARKING_TIME", 15, 0.25)],
            0.55,
        ),
        ("16:35", [told(35)], [("TIME", 25, 0.5), ("TIME", 20, 0.8)], 1.30),
        ("19:40", [told(12), parked(20)], [("TIME", 12, 0.48), ("PARKING_TIME", 15, 0.25)], 0.73),
    ],
    ids=["to another element 1", "to another element 2", "to a free element"],
)
def test_switching_elements(start, periods, lines, cost):
    """2.2.1 and 2.3.0 PriceComponent, "Example: switching to ... Tariff Element" #1, #2, Free-of-Charge.

    The charging period is not cut at 17:00 by whoever told it: the engine cuts it.
    """
    session = cdr(clock(start), *periods)
    assert billed(STEPS, session) == lines
    assert total(STEPS, session)[0] == cost


def test_max_power():
    """2.2.1 and 2.3.0 TariffRestrictions, "max_power": 1 kWh at 6 kW, 40 at 48 kW, 0.5 at 4 kW: 20.30."""
    given = tariff(
        element(part("ENERGY", 0.20, 20), max_power=16),
        element(part("ENERGY", 0.35, 20), max_power=32),
        element(part("ENERGY", 0.50, 20)),
    )
    measured = [told(10, 1, MAX_POWER=6), told(50, 40, MAX_POWER=48, MIN_POWER=48), told(7.5, 0.5, POWER=4)]
    assert billed(given, cdr(clock("10:00"), *measured)) == [
        ("ENERGY", 1, 0.2),
        ("ENERGY", 40, 20),
        ("ENERGY", 0.5, 0.1),
    ]
    by_energy = [told(10, 1), told(50, 40), told(7.5, 0.5)]
    assert total(given, cdr(clock("10:00"), *by_energy))[0] == 20.30


def test_max_duration():
    """2.2.1 and 2.3.0 TariffRestrictions, "max_duration": 5 kWh in the first 30 min free, 1.2 kWh: 0.30."""
    given = tariff(
        element(part("ENERGY", 0.00, 20), max_duration=1800),
        element(part("ENERGY", 0.25, 20), max_duration=3600),
        element(part("ENERGY", 0.40, 20)),
    )
    assert total(given, cdr(clock("10:00"), told(30, 5), told(10, 1.2)))[0] == 0.30
    assert total(given, cdr(clock("10:00"), told(40, 8)))[0] == 0.50


def test_north_american_taxes_on_top():
    """2.3.0, "Simple Tariff with North American taxes": 2.5 h at 2.00 are 5.00 before taxes."""
    given = tariff(element(part("TIME", 2)), tax_included="NO", currency="CAD")
    session = cdr(clock("10:00"), told(150), currency="CAD")
    priced = priced_native(cdr_priced(tariff=given, cdr=session), "2.3.0")
    assert priced["total_cost"] == {"before_taxes": 5, "taxes": []}


def test_north_american_taxes_included():
    """2.3.0, "price inclusive of tax": 2.5 h at 2.10 are 5.25, all taxes in it."""
    given = tariff(element(part("TIME", 2.10)), tax_included="YES", currency="CAD")
    session = cdr(clock("10:00"), told(150), currency="CAD")
    assert total(given, session) == (5.25, 5.25)


def test_vat_that_is_included_is_taken_out():
    """2.3.0 PriceComponent.price: including taxes where tax_included says so."""
    given = tariff(element(part("ENERGY", 1.20, 20)), tax_included="YES")
    assert total(given, cdr(clock("10:00"), told(60, 10))) == (10, 12)
    none = tariff(element(part("ENERGY", 1.20, 20)), tax_included="N/A")
    assert total(none, cdr(clock("10:00"), told(60, 10))) == (12, 12)


def test_energy_of_the_alternative_url_example_as_its_text_says():
    """2.2.1 and 2.3.0, "Simple Tariff example with alternative URL": per 0.1 kWh, 20.5 kWh: 5.13, 5.63.

    The table below that text in 2.3.0 forgets the step size (5.11); the text and 2.2.1's table have 5.13.
    """
    given = tariff(element(part("FLAT", 0.5, 20), part("ENERGY", 0.25, 10, 100)))
    priced = cdr_priced(tariff=given, cdr=cdr(clock("10:00"), told(60, "20.45")))
    assert priced["total_energy_cost"] == {"excl_vat": 5.125, "incl_vat": 5.6375}
    assert priced["total_fixed_cost"] == {"excl_vat": 0.5, "incl_vat": 0.6}


def test_f15_energy_step_counts_once_over_both_prices():
    """mod_cdrs step_size, F15: 4.3 kWh at 0.20 and 1.1 kWh at 0.27, step 500 Wh: 5.5 kWh in all, 1.184."""
    given = tariff(
        element(part("ENERGY", 0.20, None, 500), end_time="17:00"), element(part("ENERGY", 0.27, None, 500))
    )
    session = cdr(clock("16:00"), told(60, "4.3"), told(30, "1.1"))
    assert billed(given, session) == [("ENERGY", 4.3, 0.86), ("ENERGY", 1.2, 0.324)]
    assert total(given, session)[0] == 1.184


def test_f15_time_step_counts_once_and_adds_to_the_last_price():
    """mod_cdrs step_size, F15: 6 min at 5 and 22 min at 7 an hour, step 10 min: 24 min at the last, 3.30."""
    given = tariff(element(part("TIME", 5, None, 600), end_time="17:00"), element(part("TIME", 7, None, 600)))
    session = cdr(clock("16:54"), told(28))
    assert billed(given, session) == [("TIME", 6, 0.5), ("TIME", 24, 2.8)]
    assert total(given, session)[0] == 3.30


def test_steps_of_time_are_not_taken_before_parking():
    """mod_cdrs step_size: 21 min charging stay 21; parked 7 are 10 (step 5 min), 16 are 20."""
    given = tariff(element(part("TIME", 1, None, 300), part("PARKING_TIME", 2, None, 300)))
    assert [line[:2] for line in billed(given, cdr(clock("10:00"), told(21), parked(7)))] == [
        ("TIME", 21),
        ("PARKING_TIME", 10),
    ]
    given = tariff(element(part("TIME", 1, None, 600), part("PARKING_TIME", 2, None, 600)))
    assert total(given, cdr(clock("10:00"), told(21), parked(16)))[0] == round(0.35 + 2 / 3, 4)


def test_the_example_of_a_cdr():
    """mod_cdrs, "Example of a CDR": 1.973 h at 2.00 in steps of 5 min, 10 % VAT: 4.00 and 0.40."""
    given = tariff(element(part("TIME", 2, 10, 300)), tax_included="NO")
    session = cdr(clock("17:39"), (118, {"ENERGY": 15.342}))
    session["charging_periods"][0]["dimensions"].append({"type": "TIME", "volume": 1.973})
    priced = priced_native(cdr_priced(tariff=given, cdr=session), "2.3.0")
    cost = {"before_taxes": 4, "taxes": [{"name": "VAT", "percentage": 10, "amount": 0.4}]}
    assert priced["total_cost"] == priced["total_time_cost"] == cost
