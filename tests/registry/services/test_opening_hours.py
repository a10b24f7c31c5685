"""Opening hours of sites as people write them."""

from datetime import date

import pytest

from emobility.lib.errors import Invalid
from registry.services.opening_hours import OpeningHours, opening_hours_read


def read(text: str) -> OpeningHours:
    hours = opening_hours_read(text)
    assert hours is not None
    return hours


def test_hours_of_the_week_and_exceptions():
    week, days = "Mo-We 08:00-20:00\nsat,Sun 10:00-16:00", "2026-12-25 closed\n2026-12-24 08:00-12:00"
    hours = read(f"{week}\n{days}")
    day, night = ("08:00", "20:00"), ("10:00", "16:00")
    assert hours.weekly == [(1, *day), (2, *day), (3, *day), (6, *night), (7, *night)]
    assert hours.closings == [(date(2026, 12, 25), ("00:00", "24:00"))]
    assert hours.openings == [(date(2026, 12, 24), ("08:00", "12:00"))]


def test_days_go_on_over_the_end_of_the_week():
    assert [number for number, *_ in read("Sat-Mon 00:00-24:00").weekly] == [6, 7, 1]


def test_always_and_nothing():
    assert read("24/7").always
    assert opening_hours_read(" \n") is None


@pytest.mark.parametrize(
    "text", ["Mo-Xx 08:00-20:00", "Mo 20:00-08:00", "Mo", "soon", "2026-02-30 closed", "24/7\nMo 08:00-09:00"]
)
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(Invalid) as refused:
        opening_hours_read(text)
    assert list(refused.value.fields) == ["opening_hours"]
