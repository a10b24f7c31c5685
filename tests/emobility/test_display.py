"""How values look to people."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from emobility.lib import display

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GAP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.000 kWh"), (1, "0.001 kWh"), (12_345, "12.345 kWh"), (-5, "-0.005 kWh"), (None, display.NOTHING)],
)
def test_energy_is_kwh_with_three_decimals(value, text):
    assert display.kwh(value).replace(GAP, " ") == text


@pytest.mark.parametrize(("value", "text"), [(0, "0.0 kW"), (11_040, "11.0 kW"), (None, display.NOTHING)])
def test_power_is_kw_with_one_decimal(value, text):
    assert display.kw(value).replace(GAP, " ") == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("1.005", "EUR", "1.01 EUR"), ("120.5", "JPY", "121 JPY"), ("0.1234", "KWD", "0.123 KWD")],
)
def test_money_has_the_decimals_of_its_currency(amount, currency, text):
    assert display.money(Decimal(amount), currency).replace(GAP, " ") == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=42), "42 s"),
        (timedelta(minutes=14), "14 min"),
        (timedelta(hours=3, minutes=5), "3 h 05"),
        (timedelta(days=2, hours=3), "2 d"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_spans_tell_their_largest_units(length, text):
    assert display.span(length).replace(GAP, " ") == text


def test_moments_are_local_with_utc_on_hover():
    html = display.moment(NOON, "Europe/Berlin")
    assert "2 Mar 2026 13:00" in html
    assert 'title="2026-03-02 12:00:00 UTC"' in html


def test_a_state_has_a_colour_a_word_and_its_age():
    html = display.badge("Faulted", "bad", NOON, NOON + timedelta(minutes=14))
    assert "em-bad" in html
    assert "<b>Faulted</b>" in html
    assert f"14{GAP}min" in html


@pytest.mark.parametrize(
    "show", [display.code, display.keep, display.pretty, lambda text: display.badge(text, "good")]
)
def test_foreign_text_stays_text(show):
    assert "<script>" not in show("<script>alert(1)</script>")


@pytest.mark.parametrize(("uid", "text"), [("", ""), ("ABC", "ABC"), ("04A2B3C4", "••••B3C4")])
def test_masked_text_keeps_its_end(uid, text):
    assert display.masked(uid) == text
