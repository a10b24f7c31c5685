"""The parameters of an order: checked by its form, as JSON keeps them, and whether they tell a secret."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from central.ocpp.intents import Order
from central.ocpp.masking import is_secret_name
from emobility.lib.errors import Invalid

LARGEST: Final = 2**31 - 1
NO_TEXT: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A character 0 as JSON writes it; a backslash before it is itself one of the text."""
VENDORS_OWN: Final = frozenset({"customData", "data"})
"""What OCPP leaves to vendors (2.x anyType): numbers of any size may stand there."""


def order_params(asked: Order, params: Mapping[str, Any]) -> dict[str, Any]:
    """The checked parameters as JSON keeps them, without empty ones. Raises Invalid with their names."""
    form = asked.form(dict(params))
    unknown = set(params) - set(form.fields)
    if unknown:
        raise Invalid(
            _("Some values are wrong."), {name: _("This order has no such value.") for name in unknown}
        )
    if not form.is_valid():
        raise Invalid(
            _("Some values are wrong."), {name: str(errors[0]) for name, errors in form.errors.items()}
        )
    values = {name: plain(value) for name, value in form.cleaned_data.items() if value not in (None, "")}
    faults = {name: fault for name, value in values.items() if (fault := _unkeepable(value))}
    if faults:
        raise Invalid(_("Some values are wrong."), faults)
    return values


def plain(value: Any) -> Any:
    """A cleaned value as JSON keeps it: moments in ISO 8601, amounts and ids as text."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, UUID)) else value


def tells_secret(value: Any) -> bool:
    """True where a field or a variable of that kind is given a value: nothing that lasts may keep it."""
    if isinstance(value, list):
        return any(tells_secret(part) for part in value)
    if not isinstance(value, dict):
        return False
    named = any(is_secret_name(key.replace("_", "")) and part for key, part in value.items())
    told = any(isinstance(part, str) and is_secret_name(part.rsplit(".", 1)[-1]) for part in value.values())
    return named or (told and "value" in value) or any(tells_secret(part) for part in value.values())


def _unkeepable(value: Any) -> str:
    """What neither OCPP nor our tables can hold of a value, empty where all fits.

    Integers have 32 bits in both, at any depth; JSON in PostgreSQL has no character 0, and none has NaN or
    infinity.
    """
    if any(not -LARGEST - 1 <= number <= LARGEST for number in _integers(value)):
        return _("At most {most}.").format(most=LARGEST)
    if not isinstance(value, (list, dict)):
        return ""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        return _("NaN and infinity are no numbers of JSON.")
    return _("The character 0 cannot be kept.") if NO_TEXT.search(text) else ""


def _integers(value: Any) -> Iterator[int]:
    """The whole numbers of a value, at any depth, beside what is the vendor's own."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _integers(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in VENDORS_OWN:
                yield from _integers(part)
