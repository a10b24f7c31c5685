"""The report of sessions as people hand it on: one line a session, totals by currency at the end."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from emobility.lib.display import kwh, money, span
from emobility.lib.reports import Report


def session_report(rows: list[dict[str, Any]], lines: list[str]) -> Report:
    """One line for each session; times in UTC."""
    columns = [
        (_("Start (UTC)"), 11.0),
        (_("End (UTC)"), 11.0),
        (_("Duration"), 7.0),
        (_("Site"), 15.0),
        (_("Charge point"), 14.0),
        (_("Conn."), 4.0),
        (_("Tag"), 12.0),
        (_("State"), 6.0),
        (_("Energy"), 9.0),
        (_("Cost incl. VAT"), 11.0),
    ]
    return Report(
        title=_("Sessions"),
        lines=[*lines, _("{count} sessions").format(count=len(rows))],
        columns=columns,
        rows=[_line(row) for row in rows],
        totals=_totals(rows, len(columns)),
    )


def _line(row: dict[str, Any]) -> list[str]:
    start, end = row["started_at"], row["ended_at"]
    cost = row["cost_incl_vat"]
    return [
        _minute(start),
        _minute(end),
        span(end - start) if end else "",
        row["site"] or "",
        row["charge_point"],
        str(row["evse"]),
        row["id_tag"],
        row["state"],
        kwh(row["energy_wh"]),
        money(cost, row["currency"]) if row["currency"] else "",
    ]


def _totals(rows: list[dict[str, Any]], width: int) -> list[str]:
    energy = sum(row["energy_wh"] or 0 for row in rows)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["currency"]:
            sums[row["currency"]] += row["cost_incl_vat"]
    costs = ", ".join(money(amount, currency) for currency, amount in sorted(sums.items()))
    return [_("Total"), *[""] * (width - 3), kwh(energy), costs]


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
