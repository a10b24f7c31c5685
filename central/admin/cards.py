"""What a charge point's page shows beyond its own: cards and links that subjects register for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from emobility.lib.display import link
from registry.rights import Right, may

Make = Callable[[Any, datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Related:
    """A list of which the charge point's page links its own rows."""

    label: Any
    table: str
    right: Right


CARDS: Final[list[tuple[Right, Make]]] = []
SESSION_CARDS: Final[list[tuple[Right, Make]]] = []
RELATED: Final[list[Related]] = []


def card(right: Right) -> Callable[[Make], Make]:
    """Register `make(charge_point, now) -> card` for the page's side; one statement each at most."""

    def register(make: Make) -> Make:
        CARDS.append((right, make))
        return make

    return register


def session_card(right: Right) -> Callable[[Make], Make]:
    """Register `make(session, now) -> card` for the pages of sessions: a room above adds what it knows."""

    def register(make: Make) -> Make:
        SESSION_CARDS.append((right, make))
        return make

    return register


def session_cards(request: HttpRequest, session: Any, now: datetime) -> list[dict[str, Any]]:
    """The registered cards of a session that this person may see."""
    return [make(session, now) for right, make in SESSION_CARDS if may(request.user, right)]


def related(label: Any, table: str, right: Right = Right.INSPECT) -> None:
    """Link a list ("central_firmwarejob"), filtered by its `charge_point`, from the page. Costs nothing."""
    RELATED.append(Related(label, table, right))


def own_cards(request: HttpRequest, obj: Any, now: datetime) -> list[dict[str, Any]]:
    """The registered cards that this person may see, the links last."""
    made = [make(obj, now) for right, make in CARDS if may(request.user, right)]
    shown = sorted((each for each in RELATED if may(request.user, each.right)), key=_label)
    if not shown:
        return made
    links = format_html_join(
        " · ",
        "{}",
        ((link(list_of(each.table, obj), each.label),) for each in shown),
    )
    return [*made, {"key": "more", "title": _("More about it"), "body": links}]


def _label(each: Related) -> str:
    return str(each.label)


def list_of(table: str, charge_point: Any, query: str = "") -> str:
    """The address of a list, with the rows of one charge point."""
    return f"{reverse(f'admin:{table}_changelist')}?charge_point__id__exact={charge_point.pk}{query}"
