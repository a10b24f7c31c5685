"""`manage.py roles_table`: who may do what, read from the table of rights that the code itself uses."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.management.base import BaseCommand
from django.urls import get_resolver

from central.ocpp.intents import ORDERS
from registry.models.user import Role
from registry.rights import LABELS, TABLE, THINGS, Right, Thing, Verb

ROLES = tuple(Role.values)
HEAD = """# Who may do what

Made by `manage.py roles_table` from the table in `registry/rights.py`; a test compares it with the code.
How to read it, and how to change it: [access.md](access.md).

## Rights of each role
"""


class Command(BaseCommand):
    """Print the page as Markdown."""

    help = "Print docs/roles.md: roles, rights, objects, orders."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page to stdout."""
        get_resolver("emobility.urls").url_patterns  # noqa: B018 -- loads every order and page
        self.stdout.write("\n".join((HEAD, *_rights(), *_objects(), *_actions(), *_orders())))


def holders(right: Right | None) -> str:
    """The roles that have a right, as the page names them."""
    found = [role for role in ROLES if right in TABLE[role]]
    return ", ".join(found) if found else ("platform" if right else "")


def _rights() -> Iterator[str]:
    yield from _table(
        ("right (scope)", "allows to", *ROLES),
        (
            (
                f"`{right.value}`",
                str(LABELS[right]),
                *("yes" if right in TABLE[role] else "" for role in ROLES),
            )
            for right in Right
        ),
    )


def _mark(right: Right, role: str) -> str:
    return "yes" if right in TABLE[role] else ""


def _objects() -> Iterator[str]:
    yield "\n## Objects\n\nEach cell is the right that the verb needs; an empty one: nobody, by no way.\n"
    yield from _table(
        ("object", *(verb.value for verb in Verb)),
        ((_name(label), *(_cell(thing, verb) for verb in Verb)) for label, thing in sorted(THINGS.items())),
    )


def _cell(thing: Thing, verb: Verb) -> str:
    right = thing.needs(verb)
    return f"`{right.value}`" if right else ""


def _name(label: str) -> str:
    room, model = label.split(".")
    found = apps.all_models[room].get(model)
    return f"{found._meta.verbose_name if found else model} (`{label}`)"  # noqa: SLF001 -- Django's documented name


def _actions() -> Iterator[str]:
    yield "\n## Actions on the pages of the back office\n"
    rows = []
    for model, page in admin.site._registry.items():  # noqa: SLF001 -- the only list of its pages
        for action in getattr(page, "object_actions", ()):
            kind = str(model._meta.verbose_name)  # noqa: SLF001 -- Django's documented name
            rows.append((kind, str(action.label), f"`{action.right.value}`", holders(action.right)))
    yield from _table(("object", "action", "right", "roles"), sorted(rows))


def _orders() -> Iterator[str]:
    yield "\n## Orders to charge points\n"
    for right in Right:
        names = sorted(name for name, order in ORDERS.items() if order.right is right)
        if names:
            yield f"- `{right.value}` ({holders(right)}): {', '.join(f'`{name}`' for name in names)}"
    yield ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
