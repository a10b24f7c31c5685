"""Time bands are those of the place's wall clock: nights over midnight, days of 23 and 25 hours (F14)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.services.periods import session_periods
from billing.services.rating import rate
from billing.services.rating_state import Period
from billing.services.tariff_parsing import tariff_parse
from tests.billing.rating_cases import cdr, element, part, tariff, told, total

BERLIN = "Europe/Berlin"
HOUR = part("TIME", 60)


def minutes(rules: dict, start: str, end: str, zone: str = BERLIN) -> Decimal:
    """How many minutes of a session an element with these restrictions prices."""
    structure = tariff_parse(tariff(element(HOUR, **rules)), time_zone=zone)
    begun, until = datetime.fromisoformat(start), datetime.fromisoformat(end)
    seconds = Decimal((until - begun) // timedelta(microseconds=1)) / 1_000_000
    return rate(structure, [Period(begun, until, time_s=seconds)]).total_excl


NIGHT = {"start_time": "02:00", "end_time": "03:00"}
F14 = [
    ("the hour that is repeated is 60 min of UTC", {}, "2026-10-25T00:30Z", "2026-10-25T01:30Z", 60),
    ("02-03 h holds 120 min in autumn", NIGHT, "2026-10-24T22:00Z", "2026-10-25T23:00Z", 120),
    ("its first half", NIGHT, "2026-10-25T00:00Z", "2026-10-25T01:00Z", 60),
    ("its second half", NIGHT, "2026-10-25T01:00Z", "2026-10-25T02:00Z", 60),
    ("02-03 h holds 0 min in spring", NIGHT, "2027-03-27T23:00Z", "2027-03-28T22:00Z", 0),
    (
        "a band that begins in the gap begins after it",
        {"start_time": "02:30", "end_time": "04:00"},
        "2027-03-27T23:00Z",
        "2027-03-28T22:00Z",
        60,
    ),
    (
        "a band that ends in the gap ends before it",
        {"start_time": "01:00", "end_time": "02:30"},
        "2027-03-27T23:00Z",
        "2027-03-28T22:00Z",
        60,
    ),
    (
        "a band that ends in the fold ends twice",
        {"start_time": "01:00", "end_time": "02:30"},
        "2026-10-24T22:00Z",
        "2026-10-25T23:00Z",
        120,
    ),
    ("a day of 25 h", {"day_of_week": ["SUNDAY"]}, "2026-10-24T00:00Z", "2026-10-26T12:00Z", 25 * 60),
    ("a day of 23 h", {"day_of_week": ["SUNDAY"]}, "2027-03-27T00:00Z", "2027-03-29T12:00Z", 23 * 60),
    (
        "a date is a local day",
        {"start_date": "2026-10-25", "end_date": "2026-10-26"},
        "2026-10-24T00:00Z",
        "2026-10-27T00:00Z",
        25 * 60,
    ),
    (
        "over midnight in autumn",
        {"start_time": "22:00", "end_time": "06:00"},
        "2026-10-24T12:00Z",
        "2026-10-25T12:00Z",
        9 * 60,
    ),
    (
        "over midnight in spring",
        {"start_time": "22:00", "end_time": "06:00"},
        "2027-03-27T12:00Z",
        "2027-03-28T12:00Z",
        7 * 60,
    ),
    (
        "Friday's night ends with Friday",
        {"start_time": "22:00", "end_time": "06:00", "day_of_week": ["FRIDAY"]},
        "2026-07-03T12:00Z",
        "2026-07-04T12:00Z",
        2 * 60,
    ),
    (
        "until 00:00 is until the day's end",
        {"start_time": "20:00", "end_time": "00:00"},
        "2026-07-03T12:00Z",
        "2026-07-04T12:00Z",
        4 * 60,
    ),
    (
        "start and end equal is all day",
        {"start_time": "10:00", "end_time": "10:00"},
        "2026-07-03T12:00Z",
        "2026-07-04T12:00Z",
        24 * 60,
    ),
    ("stamps with an offset", NIGHT, "2026-10-25T02:00+02:00", "2026-10-25T02:30+01:00", 90),
    ("stamps with fractions", NIGHT, "2026-10-25T00:00:00.250Z", "2026-10-25T00:00:30.250Z", Decimal("0.5")),
    ("a minute over both clocks", {}, "2026-10-25T00:59:30Z", "2026-10-25T01:00:30Z", 1),
]


@pytest.mark.parametrize(
    ("rules", "start", "end", "wanted"), [row[1:] for row in F14], ids=[row[0] for row in F14]
)
def test_f14_time_bands_in_local_time(rules, start, end, wanted):
    """F14: UTC is stored and billed, bands are the wall clock's."""
    assert minutes(rules, start, end) == wanted


def test_f14_half_an_hour_of_lord_howe():
    """A zone that puts its clock back by 30 minutes: 01:30-02:00 holds an hour that day."""
    rules = {"start_time": "01:30", "end_time": "02:00"}
    assert minutes(rules, "2026-04-04T00:00Z", "2026-04-05T12:00Z", "Australia/Lord_Howe") == 60


def test_the_place_decides_and_not_the_server():
    rules = {"start_time": "22:00"}
    assert minutes(rules, "2026-07-01T20:00Z", "2026-07-01T22:00Z", "Europe/Berlin") == 120
    assert minutes(rules, "2026-07-01T20:00Z", "2026-07-01T22:00Z", "Europe/London") == 60


def test_f14_from_meter_values():
    """60 min of the night of the change, from a register without states: 60 min billed."""
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    periods = session_periods(
        started_at=start, ended_at=start + timedelta(hours=1), register_wh=0, total_wh=5000, samples=[]
    )
    structure = tariff_parse(tariff(element(HOUR, **NIGHT)), time_zone=BERLIN)
    assert rate(structure, periods).total_excl == 60


def test_energy_is_shared_at_the_boundary():
    """mod_cdrs ChargingPeriod: the moment may be interpolated; nothing is lost to it."""
    given = tariff(element(part("ENERGY", 1), end_time="12:00"), element(part("ENERGY", 2)))
    session = cdr(datetime(2026, 7, 1, 9, 30, tzinfo=UTC), told(60, 7))
    assert total(given, session, BERLIN) == (3.5 + 7, 3.5 + 7)
