"""A tariff is entered in rows: prices, VAT, steps and conditions; nobody needs JSON for it."""

from typing import Any

import pytest

from billing.models import Tariff
from tests.billing.builders import ENERGY, FEE, PARKING, default_tariff, organization
from tests.billing.test_admin import TARIFFS, signed_in, text

EVERYTHING = {
    "start_time": "22:00",
    "end_time": "06:00",
    "start_date": "2026-01-01",
    "end_date": "2027-01-01",
    "min_kwh": 1.5,
    "max_kwh": 40,
    "min_current": 6,
    "max_current": 48,
    "min_power": 1,
    "max_power": 22,
    "min_duration": 100,
    "max_duration": 7200,
    "day_of_week": ["MONDAY", "SUNDAY"],
}
ROWS = {
    "rows": "4",
    "e0-energy": "0.25",
    "e0-place": "3",
    "e0-parking_time": "2",
    "e0-parking_time_step": "60",
    "e1-energy": "0.20",
    "e1-start_time": "22:00",
    "e1-place": "1",
    "e3-place": "4",
    "currency": "EUR",
}


@pytest.fixture
def owner(db):
    return organization()


@pytest.fixture
def admin(owner):
    return signed_in(owner, "admin")


def sent(form) -> dict[str, Any]:
    """What a browser sends of the page as it is."""
    values: dict[str, Any] = {"rows": form.count}
    for part in (form, *form.rows, form.limits, form.expert):
        values |= {field.html_name: field.value() for field in part}
    return {name: value for name, value in values.items() if value is not None}


def test_a_tariff_of_the_night_is_entered_and_told_in_words(admin):
    """The row without conditions counts last whatever its number."""
    page = text(admin.post(f"{TARIFFS}add/", ROWS | {"name": "Day", "tariff_id": "DAY"}, follow=True))
    words = "0.25 EUR/kWh, after 22:00 0.20, 2 EUR/h parking after charging ends (in steps of 1 min)"
    assert words in page
    assert words in text(admin.get(TARIFFS))
    assert Tariff.objects.get().versions.get().elements == [
        {
            "price_components": [{"type": "ENERGY", "price": 0.2, "step_size": 1}],
            "restrictions": {"start_time": "22:00"},
        },
        {
            "price_components": [
                {"type": "ENERGY", "price": 0.25, "step_size": 1},
                {"type": "PARKING_TIME", "price": 2, "step_size": 60},
            ]
        },
    ]


def test_the_page_tells_in_words_before_anything_is_saved(admin):
    asked = ROWS | {"name": "Day", "tariff_id": "DAY", "preview": "1", "e0-place": "1", "e1-place": "2"}
    page = text(admin.post(f"{TARIFFS}add/", asked))
    assert "0.25 EUR/kWh" in page
    assert "It never applies" in page
    assert 'value="0.25"' in page
    assert not Tariff.objects.exists()
    nothing = admin.post(f"{TARIFFS}add/", asked | {"e0-energy": "", "e1-energy": "", "e0-parking_time": ""})
    assert "Name at least one price" in text(nothing)


def test_new_version_that_changes_nothing_is_the_same(owner, admin):
    """Every field of OCPI passes through the rows and comes back as it was."""
    limits = {"min_price": {"excl_vat": 1, "incl_vat": 1.5}, "max_price": {"excl_vat": 90}}
    made = default_tariff(owner, FEE, ENERGY, PARKING, **limits)
    elements = [
        {"price_components": [FEE, ENERGY], "restrictions": EVERYTHING},
        {"price_components": [FEE], "restrictions": {"reservation": "RESERVATION"}},
        {"price_components": [FEE, {"type": "TIME", "price": 1.2, "step_size": 900}, PARKING]},
    ]
    url = f"{TARIFFS}{made.pk}/do/new-version/"
    text(admin.post(url, {"currency": "EUR", "elements": str(elements).replace("'", '"')}, follow=True))
    form = admin.get(url).context["form"]
    text(admin.post(url, sent(form), follow=True))
    new, old, _first = made.versions.order_by("-number")
    assert new.number == 3
    assert _unordered(new.elements) == _unordered(old.elements)
    assert (new.min_price, new.max_price) == (old.min_price, old.max_price)


def _unordered(elements):
    """Which kind of price stands first in an element means nothing."""
    return [
        each | {"price_components": sorted(each["price_components"], key=lambda part: part["type"])}
        for each in elements
    ]


def test_wrong_rows_are_told_where_they_are(admin):
    wrong = ROWS | {"name": "Day", "tariff_id": "DAY", "e1-start_time": "late", "e0-energy": "-1"}
    page = text(admin.post(f"{TARIFFS}add/", wrong))
    assert "Enter a valid time" in page
    assert "greater than or equal to 0" in page
    ends_first = ROWS | {"name": "Day", "tariff_id": "DAY", "e1-min_kwh": "5", "e1-max_kwh": "4"}
    assert "elements.0.restrictions.max_kwh" in admin.post(f"{TARIFFS}add/", ends_first).content.decode()
    odd = ROWS | {"name": "Day", "tariff_id": "DAY", "rows": "99999999"}
    assert admin.post(f"{TARIFFS}add/", odd).status_code in {200, 302}
