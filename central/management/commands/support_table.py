"""`manage.py support_table`: what of OCPP is served, read from the tables that the code itself uses."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from central.ocpp import intents, router, vendor_table
from central.ocpp.catalog import FROM_CHARGE_POINT, VERSIONS, known_actions

SERVED, OPEN, ABSENT = "yes", "not yet", ""
HEAD = """\
# What is supported

Made by `manage.py support_table`; a test compares it with the code. Empty: the version does not know it.

"""


class Command(BaseCommand):
    """Print the table as Markdown."""

    help = "Prints which actions and orders are served in which version of OCPP (docs/support.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the tables and print them."""
        router.discover()
        self.stdout.write(HEAD + actions_table() + "\n" + orders_table() + vendors_table(), ending="")


def actions_table() -> str:
    """From the charge point: each action that OCPP knows, in each version."""
    names = sorted(set().union(*FROM_CHARGE_POINT.values()))
    rows = ([name, *(_action(version, name) for version in VERSIONS)] for name in names)
    counts = (
        f"{sum((version, name) in router.ACTIONS for name in names)} of {len(FROM_CHARGE_POINT[version])}"
        for version in VERSIONS
    )
    return "## From the charge point\n\n" + _markdown("action", [*rows, ["**together**", *counts]])


def _action(version: str, name: str) -> str:
    if name not in FROM_CHARGE_POINT[version]:
        return ABSENT
    return SERVED if (version, name) in router.ACTIONS else OPEN


def orders_table() -> str:
    """To the charge point: our orders by intent, and how many actions OCPP has for that."""
    orders = sorted({order for _, order in intents.BUILDERS})
    rows = (
        [f"`{order}`", *(SERVED if (version, order) in intents.BUILDERS else ABSENT for version in VERSIONS)]
        for order in orders
    )
    counts = (f"{len(known_actions(version) - FROM_CHARGE_POINT[version])} actions" for version in VERSIONS)
    return "## To the charge point\n\n" + _markdown("order", [*rows, ["**OCPP has**", *counts]])


def vendors_table() -> str:
    """The vendor messages (DataTransfer) that are understood; nothing where there are none."""
    entries = [entry for of_vendor in vendor_table.INCOMING.values() for entry in of_vendor.values()]
    rows = sorted([f"`{entry.vendor}`", f"`{entry.message or '(any)'}`"] for entry in entries)
    if not rows:
        return ""
    head = "| vendor | message |\n| --- | --- |\n"
    body = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return f"\n## Vendor messages from the charge point (DataTransfer)\n\n{head}{body}"


def _markdown(first: str, rows: Iterable[list[str]]) -> str:
    head = [first, *VERSIONS]
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
