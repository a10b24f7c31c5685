"""The registry of sweepers: how a module ends what a full round over a partner's list did not see."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from ocpi.core.errors import ParametersInvalid
from ocpi.models import Partner

Sweep = Callable[[Partner, "QuerySet[Any, str]", datetime, datetime], int]
"""`sweep(partner, seen, before, now)` ends what we had `before` whose key is not among `seen`; how many."""
SWEEPERS: dict[str, Sweep] = {}
KEY_LENGTH = 120


def sweeper(identifier: str) -> Callable[[Sweep], Sweep]:
    """Register how a module sweeps."""

    def register(sweep: Sweep) -> Sweep:
        if identifier in SWEEPERS:
            raise ImproperlyConfigured(f"OCPI module {identifier} has two ways to sweep.")
        SWEEPERS[identifier] = sweep
        return sweep

    return register


def key_of(item: Any, partner: Partner) -> str:
    """An object's key among all of a list, upper case; raises ParametersInvalid where it names none.

    "CC/PID/ID", for tokens "CC/PID/UID/TYPE", for parties behind a hub "CC/PID/ROLE". What names no owner
    (2.1.1) is the partner's.
    """
    if not isinstance(item, dict):
        raise ParametersInvalid("An object of the list is none.")
    owner = (item.get("country_code") or partner.country_code, item.get("party_id") or partner.party_id)
    parts = [str(part) for part in owner]
    if isinstance(item.get("id"), str):
        parts.append(item["id"])
    elif isinstance(item.get("uid"), str):
        parts += [item["uid"], str(item.get("type", ""))]
    elif isinstance(item.get("role"), str) and isinstance(item.get("status"), str):
        parts.append(item["role"])
    else:
        raise ParametersInvalid("An object of the list has no id.")
    key = "/".join(parts).upper()
    if len(key) > KEY_LENGTH:
        raise ParametersInvalid("An object of the list has an id that is too long.")
    return key
