"""`manage.py support_table`: what of OCPP is served, read from the tables that the code itself uses."""

import inspect
import sys
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand

from central.ocpp import intents, router, vendor_table
from central.ocpp.catalog import FROM_CHARGE_POINT, VERSIONS

SERVED, OPEN, ABSENT = "yes", "not yet", ""
RAW = "raw"
MADE_BY = {"DataTransfer": "vendor_request("}
"""How an order's file shows that it makes an action, where it does not name it."""
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
        parts = (HEAD + actions_table(), sent_actions_table(), orders_table() + vendors_table())
        self.stdout.write("\n".join(parts), ending="")


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


def sent_actions_table() -> str:
    """To the charge point: each action that OCPP knows, in each version, and the orders that send it."""
    names = sorted(set().union(*(intents.to_charge_point(version) for version in VERSIONS)))
    rows = ([name, *(_sent(version, name) for version in VERSIONS)] for name in names)
    counts = (
        f"{sum(bool(orders_sending(version, name)) for name in intents.to_charge_point(version))}"
        f" of {len(intents.to_charge_point(version))}"
        for version in VERSIONS
    )
    return "## To the charge point\n\n" + _markdown("action", [*rows, ["**together**", *counts]])


def orders_sending(version: str, action: str) -> list[str]:
    """The orders by intent whose file makes this action in this version."""
    return sorted(
        order
        for (of_version, order), build in intents.BUILDERS.items()
        if of_version == version and order != RAW and _mentions(sys.modules[build.__module__], action)
    )


@cache
def _source(module: ModuleType) -> str:
    return inspect.getsource(module)


def _mentions(module: ModuleType, action: str) -> bool:
    return MADE_BY.get(action, f'"{action}"') in _source(module)


def _sent(version: str, action: str) -> str:
    if action not in intents.to_charge_point(version):
        return ABSENT
    orders = orders_sending(version, action)
    return ", ".join(f"`{order}`" for order in orders) if orders else OPEN


def orders_table() -> str:
    """Our orders by intent; `raw` sends any action of the negotiated version."""
    orders = sorted({order for _, order in intents.BUILDERS})
    rows = (
        [f"`{order}`", *(SERVED if (version, order) in intents.BUILDERS else ABSENT for version in VERSIONS)]
        for order in orders
    )
    return "## Orders by intent\n\n" + _markdown("order", rows)


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
