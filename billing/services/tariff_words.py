"""The conditions of a tariff element in plain words: "from 22:00 to 06:00", "on weekends", "up to 20 kWh"."""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.services.tariff_structure import WEEKDAYS, Restrictions

DAY_WORDS = {
    "MONDAY": gettext_lazy("Mon"),
    "TUESDAY": gettext_lazy("Tue"),
    "WEDNESDAY": gettext_lazy("Wed"),
    "THURSDAY": gettext_lazy("Thu"),
    "FRIDAY": gettext_lazy("Fri"),
    "SATURDAY": gettext_lazy("Sat"),
    "SUNDAY": gettext_lazy("Sun"),
}
MIDNIGHT = time(0)


def condition_words(rule: Restrictions) -> str:
    """When an element applies, without what it says of reservations; '' where it always does."""
    words = [
        *_days(rule),
        *_times(rule.start_time, rule.end_time),
        *_dates(rule.start_date, rule.end_date),
        *_energy(rule.min_kwh, rule.max_kwh),
        *_duration(rule.min_duration, rule.max_duration),
        *_flow(rule.min_power, rule.max_power, "kW"),
        *_flow(rule.min_current, rule.max_current, "A"),
    ]
    return " ".join(words)


def plain_number(value: Decimal) -> str:
    """A number without useless zeros."""
    exponent = value.normalize().as_tuple().exponent
    return str(number_format(value, -exponent if isinstance(exponent, int) and exponent < 0 else 0))


def duration_words(seconds: Decimal) -> str:
    """Seconds as hours, minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def _days(rule: Restrictions) -> Iterator[str]:
    days = rule.day_of_week
    if not days or len(days) == len(WEEKDAYS):
        return
    if days == WEEKDAYS[:5]:
        yield _("on weekdays")
    elif days == WEEKDAYS[5:]:
        yield _("on weekends")
    else:
        yield _("on {days}").format(days=", ".join(str(DAY_WORDS[day]) for day in days))


def _times(start: time | None, end: time | None) -> Iterator[str]:
    first, last = start or MIDNIGHT, end or MIDNIGHT
    if first == last:
        return
    if last == MIDNIGHT:
        yield _("after {start}").format(start=f"{first:%H:%M}")
    elif first == MIDNIGHT:
        yield _("before {end}").format(end=f"{last:%H:%M}")
    else:
        yield _("from {start} to {end}").format(start=f"{first:%H:%M}", end=f"{last:%H:%M}")


def _dates(start: date | None, end: date | None) -> Iterator[str]:
    if start is not None:
        yield _("from {day} on").format(day=date_format(start, "SHORT_DATE_FORMAT"))
    if end is not None:
        yield _("until before {day}").format(day=date_format(end, "SHORT_DATE_FORMAT"))


def _energy(low: Decimal | None, high: Decimal | None) -> Iterator[str]:
    if low and high is not None:
        yield _("from {low} to {high} kWh").format(low=plain_number(low), high=plain_number(high))
    elif low:
        yield _("after {low} kWh").format(low=plain_number(low))
    elif high is not None:
        yield _("for the first {high} kWh").format(high=plain_number(high))


def _duration(low: int | None, high: int | None) -> Iterator[str]:
    start, end = duration_words(Decimal(low or 0)), duration_words(Decimal(high or 0))
    if low and high is not None:
        yield _("between {low} and {high} after the start").format(low=start, high=end)
    elif low:
        yield _("after the first {low}").format(low=start)
    elif high is not None:
        yield _("in the first {high}").format(high=end)


def _flow(low: Decimal | None, high: Decimal | None, unit: str) -> Iterator[str]:
    if low is not None:
        yield _("from {low} {unit} up").format(low=plain_number(low), unit=unit)
    if high is not None:
        yield _("below {high} {unit}").format(high=plain_number(high), unit=unit)
