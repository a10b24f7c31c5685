"""Orders as a list for people: searched, by subject; and what all of them ask besides their own."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.admin.words import GROUP_WORDS
from central.ocpp.intents import Order
from central.services.commands import DEFAULT_TTL, MOST_ATTEMPTS


class HowForm(forms.Form):
    """What all orders share: why, how long they may wait, how often they are tried."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("Kept with the command.")
    )
    valid_minutes = forms.IntegerField(
        label=_("Waits for (minutes)"),
        min_value=1,
        max_value=7 * 24 * 60,
        initial=int(DEFAULT_TTL.total_seconds() // 60),
        help_text=_("If the charge point is offline; then the order expires."),
    )
    attempts = forms.IntegerField(
        label=_("Attempts"),
        min_value=1,
        max_value=MOST_ATTEMPTS,
        initial=1,
        help_text=_("Sent again where no answer comes."),
    )


def matches(asked: Order, wanted: str) -> bool:
    """True where every word that is looked for stands in the order's words."""
    text = f"{asked.label} {asked.explain} {asked.name} {asked.group}".casefold()
    return all(word in text for word in wanted.casefold().split())


def grouped(shown: Sequence[Order], address: Callable[[Order], str]) -> list[dict[str, Any]]:
    """The orders by subject, subjects as an operator needs them, orders by name, each with its address."""
    names = [*GROUP_WORDS, *sorted({each.group for each in shown} - set(GROUP_WORDS))]
    found = []
    for name in names:
        rows = sorted((each for each in shown if each.group == name), key=lambda each: str(each.label))
        if rows:
            listed = [{"action": each, "url": address(each)} for each in rows]
            found.append({"name": GROUP_WORDS.get(name, name.capitalize()), "orders": listed})
    return found
