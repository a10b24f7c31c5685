"""Availability and both legal uptimes, against a log of twelve months that was reckoned by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from central.selectors.availability import Change, add, availability, seconds_of, uptime_uk, uptime_us
from central.selectors.periods import periods_between
from emobility.lib.errors import Invalid

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 525_600
BERLIN = ZoneInfo("Europe/Berlin")


def _at(month, day, hour=0, minute=0):
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


# EVSE 1: faulted 3,000 min and 1,500 min, out of service 2,000 min (planned). EVSE 2: faulted 600 min.
# Both: without connection 4,000 min, in which a fault begins that is told before (it does not count then),
# and 500 min in which the whole charge point is out of service.
LOG = [
    Change(_at(1, 1) - timedelta(days=9), 1, 1, "Available"),
    Change(_at(1, 1) - timedelta(days=8), 2, 1, "Available"),
    Change(_at(2, 1), 1, 1, "Faulted"),
    Change(_at(2, 1) + timedelta(minutes=3000), 1, 1, "Available"),
    Change(_at(3, 1), 1, 1, "Preparing"),
    Change(_at(3, 1, 0, 5), 1, 1, "Charging"),
    Change(_at(3, 1, 2), 1, 1, "Finishing"),
    Change(_at(3, 1, 2, 10), 1, 1, "Available"),
    Change(_at(4, 1), 1, 1, "Unavailable"),
    Change(_at(4, 1) + timedelta(minutes=2000), 1, 1, "Available"),
    Change(_at(5, 1), 2, 1, "Faulted"),
    Change(_at(5, 1) + timedelta(minutes=600), 2, 1, "Reserved"),
    Change(_at(6, 1), online=False),
    Change(_at(6, 1) + timedelta(minutes=4000), online=True),
    Change(_at(7, 1), 0, 0, "Unavailable"),
    Change(_at(7, 1) + timedelta(minutes=500), 0, 0, "Available"),
    Change(_at(12, 31) - timedelta(minutes=60), 1, 1, "Faulted"),
    Change(_at(12, 31) + timedelta(minutes=1440), 1, 1, "Available"),
]
DOWN_1, DOWN_2, OFFLINE = 3000 + 2000 + 500 + 1500, 600 + 500, 4000


@pytest.fixture(scope="module")
def months():
    return periods_between(BEGIN, END, "month", ZoneInfo("UTC"))


@pytest.fixture(scope="module")
def seconds(months):
    """Of the year, by EVSE."""
    found = seconds_of([1, 2], LOG, begin=BEGIN, end=END, periods=months)
    sums: dict[int, dict[str, float]] = {number: {} for number in found}
    for number, by_month in found.items():
        for month in by_month:
            add(sums[number], month)
    return sums


def test_every_second_of_the_year_is_of_one_class(seconds):
    for number in (1, 2):
        assert sum(seconds[number].values()) == MINUTES * 60
    assert seconds[1]["in_use"] == 130 * 60
    assert seconds[1]["faulted"] == 4500 * 60
    assert seconds[1]["unavailable"] == 2500 * 60
    assert seconds[2]["offline"] == OFFLINE * 60


def test_the_uk_s_reliability_counts_what_could_not_be_measured_as_reliable(seconds):
    together: dict[str, float] = {}
    for each in seconds.values():
        add(together, each)
    down, total = DOWN_1 + DOWN_2, 2 * MINUTES
    reliable, measured = uptime_uk(together)
    assert reliable == pytest.approx(100 * (total - down) / total, abs=0.01)
    measured_minutes = total - 2 * OFFLINE
    assert measured == pytest.approx(100 * (measured_minutes - down) / measured_minutes, abs=0.01)
    assert [reliable, measured] == pytest.approx([99.23, 99.22], abs=0.005)


def test_the_us_uptime_of_a_port_counts_time_without_connection_as_outage(seconds):
    """23 CFR 680.116(b)(3), with T_excluded for the planned 2,000 minutes."""
    outage = DOWN_1 + OFFLINE
    assert uptime_us(seconds[1]) == pytest.approx(100 * (MINUTES - outage) / MINUTES, abs=0.01)
    assert uptime_us(seconds[1], 2000) == pytest.approx(100 * (MINUTES - outage + 2000) / MINUTES, abs=0.01)
    assert uptime_us(seconds[2], 10**6) == 100
    assert [uptime_us(seconds[number]) for number in (1, 2)] == pytest.approx([97.91, 99.03], abs=0.005)


def test_availability_leaves_out_what_is_not_known(months):
    log = [Change(_at(2, 1), 1, 1, "Available"), Change(_at(2, 2), 1, 1, "Faulted")]
    found = seconds_of([1], log, begin=BEGIN, end=_at(2, 3), periods=months)[1]
    assert found[0] == {"unknown": 31 * 86400}
    assert (availability(found[0]), availability(found[1])) == (None, 50)


def test_a_charge_point_has_no_time_before_it_was_registered(months):
    found = seconds_of([1], [], begin=_at(3, 1), end=_at(3, 2), periods=months)[1]
    assert [sum(month.values()) for month in found[:4]] == [0, 0, 86400, 0]


def test_an_evse_of_two_connectors_is_available_while_one_is():
    day = periods_between(BEGIN, BEGIN + timedelta(days=1), "day", ZoneInfo("UTC"))
    log = [
        Change(BEGIN, 1, 1, "Faulted"),
        Change(BEGIN, 1, 2, "Available"),
        Change(BEGIN + timedelta(hours=6), 1, 2, "Faulted"),
    ]
    found = seconds_of([1], log, begin=BEGIN, end=day.end, periods=day)[1][0]
    assert found == {"available": 6 * 3600, "faulted": 18 * 3600}


def test_days_are_those_of_the_place():
    """25 hours where summer time ends, 23 where it begins."""
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)
    days = periods_between(autumn, autumn + timedelta(days=3), "day", BERLIN)
    assert [(b - a).total_seconds() / 3600 for a, b in zip(days.bounds, days.bounds[1:], strict=False)][
        :2
    ] == [25, 24]
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    days = periods_between(spring, spring + timedelta(days=2), "day", BERLIN)
    assert (days.bounds[1] - days.bounds[0]) == timedelta(hours=23)


@pytest.mark.parametrize(
    ("period", "lengths"), [("week", [4, 7, 7]), ("month", [18]), ("hour", None), ("day", [1] * 18)]
)
def test_the_first_and_the_last_period_may_be_cut(period, lengths):
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 19, tzinfo=UTC)
    found = periods_between(begin, end, period, ZoneInfo("UTC"))
    days = [(b - a).days for a, b in zip(found.bounds, found.bounds[1:], strict=False)]
    assert days == lengths if lengths else len(found) == 18 * 24


def test_too_many_periods_and_time_that_runs_backwards_are_refused():
    with pytest.raises(Invalid):
        periods_between(BEGIN, END, "hour", BERLIN)
    with pytest.raises(Invalid):
        periods_between(END, BEGIN, "day", BERLIN)
