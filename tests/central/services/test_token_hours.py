"""Hours of groups as people write them."""

from datetime import UTC, datetime

import pytest

from central.services.token_hours import hours_allow, hours_clean
from emobility.lib.errors import Invalid

MONDAY_8, MONDAY_19 = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("", ""),
        ("08:00-18:00", "08:00-18:00"),
        (" mon-FRI  07:00-19:00 ,sat 09:00-12:00", "Mon-Fri 07:00-19:00, Sat 09:00-12:00"),
        ("Sat-Mon 00:00-24:00", "Sat-Mon 00:00-24:00"),
        ("mo-Fr 07:00-19:00, su 09:00-12:00", "Mon-Fri 07:00-19:00, Sun 09:00-12:00"),
    ],
)
def test_hours_have_one_form(text, clean):
    assert hours_clean(text) == clean
    assert hours_clean(clean) == clean


@pytest.mark.parametrize(
    "text", ["soon", "Mon 25:00-26:00", "Mon-Xyz 08:00-09:00", "08:00-08:00", "24:00-08:00", "Mon, " * 60]
)
def test_what_is_not_understood_is_refused_by_name(text):
    with pytest.raises(Invalid) as refused:
        hours_clean(text)
    assert list(refused.value.fields) == ["hours"]


@pytest.mark.parametrize(
    ("hours", "at", "allowed"),
    [
        ("", MONDAY_8, True),
        ("Mon-Fri 07:00-19:00", MONDAY_8, True),
        ("Mon-Fri 07:00-19:00", MONDAY_19, False),
        ("Tue 07:00-19:00", MONDAY_8, False),
        ("Tue 07:00-19:00, Mon 08:00-09:00", MONDAY_8, True),
        ("Sun 22:00-09:00", MONDAY_8, True),
        ("Mon 22:00-09:00", MONDAY_8, False),
        ("Sat-Mon 19:00-24:00", MONDAY_19, True),
    ],
)
def test_the_night_belongs_to_the_day_on_which_it_began(hours, at, allowed):
    assert hours_allow(hours, at) is allowed
