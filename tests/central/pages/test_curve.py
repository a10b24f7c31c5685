"""The curve of a session: what is drawn of which meter values."""

from datetime import UTC, datetime, timedelta

import pytest

from central.models import MeterValue, Session
from central.pages.curve import curve_svg, nice_top
from central.selectors.curves import MOST_POINTS, Point, session_curve

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def session(charge_point, organization):
    return Session.objects.create(
        organization=organization,
        charge_point=charge_point,
        ocpp_version="1.6",
        transaction_id="1",
        start_key="1",
        started_at=START,
        start_received_at=START,
        meter_start_wh=1000,
    )


def _measure(session, *rows):
    """Rows of (minute, register, power)."""
    MeterValue.objects.bulk_create(
        MeterValue(
            charge_point=session.charge_point,
            session=session,
            sampled_at=START + timedelta(minutes=minute),
            received_at=START,
            register_wh=register,
            power_w=power,
        )
        for minute, register, power in rows
    )


def test_energy_counts_from_the_start_of_the_session(session):
    _measure(session, (1, 1100, 6000), (2, 1200, 6000))
    assert [(point.energy_wh, point.power_w) for point in session_curve(session)] == [
        (0, None),
        (100, 6000),
        (200, 6000),
    ]


def test_power_is_derived_where_none_is_reported(session):
    _measure(session, (0, 1000, None), (6, 2000, None), (12, 2500, None))
    assert [point.power_w for point in session_curve(session)] == [None, 10_000, 5_000]


def test_a_long_night_is_thinned_out_with_both_ends_kept(session):
    _measure(session, *((minute, 1000 + minute, 100) for minute in range(1000)))
    curve = session_curve(session)
    assert len(curve) == MOST_POINTS
    assert (curve[0].energy_wh, curve[-1].energy_wh) == (0, 999)


def test_the_end_of_the_session_ends_the_curve(session):
    _measure(session, (1, 1100, 6000))
    session.ended_at, session.meter_stop_wh = START + timedelta(minutes=3), 1300
    assert session_curve(session)[-1] == Point(session.ended_at, 300, None)


@pytest.mark.parametrize("points", [[], [Point(START, 0, 100)], [Point(START, 0, 1), Point(START, 1, 1)]])
def test_nothing_is_drawn_of_less_than_a_span(points):
    assert curve_svg(points, "UTC") == ""


@pytest.mark.parametrize(
    "broken", [Point(START, -5, -100), Point(START, None, None), Point(START, 10**15, 10**9)]
)
def test_nonsense_is_drawn_within_the_picture(broken):
    picture = curve_svg([broken, Point(START + timedelta(minutes=1), 5, 5)], "Europe/Berlin")
    assert picture.startswith("<svg")
    assert "nan" not in picture.lower()


def test_times_are_those_of_the_place():
    picture = curve_svg([Point(START, 0, 1), Point(START + timedelta(hours=1), 5, 5)], "Europe/Berlin")
    assert ">13:00<" in picture
    assert ">14:00<" in picture


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (11_200, 12_000), (49_000, 50_000), (99, 100)])
def test_axes_end_at_a_round_number(value, top):
    assert nice_top(value) == top
