"""How pages show charging schedules: a picture and its periods, a card for each."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.pages.schedule import amount, schedule_svg, when
from central.services.schedules import start_of, steps
from emobility.lib.display import NOTHING, moment, pretty, span

ROWS = 96


def schedule_cards(
    schedules: Iterable[Mapping[str, Any]], zone: str, start: datetime | None = None
) -> list[dict[str, Any]]:
    """Cards for schedules (2.1 shape) that begin at their own start, else at `start`."""
    cards: list[dict[str, Any]] = []
    for number, schedule in enumerate(schedules, start=1):
        begins = start_of(schedule) or start
        title = _("Schedule") if number == 1 else _("Schedule {number}").format(number=number)
        cards.append({"title": title, "key": f"picture-{number}", "body": _picture(schedule, begins, zone)})
        cards.append(_periods(schedule, begins, zone, number))
    return cards


def limits_words(unit: str, lowest: Any, highest: Any) -> str:
    """The range of limits: "6 - 16 A", "11.0 kW"."""
    if lowest is None or highest is None:
        return NOTHING
    ends = [amount(float(value), unit) for value in (lowest, highest)]
    return ends[0] if ends[0] == ends[1] else " - ".join(ends)


def _picture(schedule: Mapping[str, Any], begins: datetime | None, zone: str) -> Any:
    drawn = schedule_svg(schedule, begins, zone)
    duration = schedule.get("duration")
    length = _("for {length}").format(length=_span(duration)) if duration else _("without end")
    since = moment(begins, zone) if begins else _("from the start of charging")
    return format_html('{}<p class="em-key"><span>{} · {}</span></p>', drawn, since, length)


def _span(seconds: float) -> str:
    return span(timedelta(seconds=min(seconds, 10**9)))


def _periods(schedule: Mapping[str, Any], begins: datetime | None, zone: str, number: int) -> dict[str, Any]:
    unit = str(schedule.get("chargingRateUnit", ""))
    periods = list(schedule.get("chargingSchedulePeriod", ()))
    rows = [
        [
            (_("From"), when(step.start, begins, zone)),
            (_("Limit"), amount(step.limit, unit)),
            (_("Phases"), period.get("numberPhases", NOTHING)),
        ]
        for step, period in zip(steps(schedule)[:ROWS], periods[:ROWS], strict=True)
    ]
    known = {"startPeriod", "limit", "numberPhases"}
    more = any(set(period) - known for period in periods)
    return {
        "title": _("Periods"),
        "key": f"periods-{number}",
        "columns": [_("From"), _("Limit"), _("Phases")],
        "rows": rows,
        "body": pretty(schedule) if more else "",
    }
