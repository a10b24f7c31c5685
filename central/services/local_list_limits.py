"""How much a charge point's local list holds, and how much of it one message carries, where it said so.

1.6 §9.2.2 LocalAuthListMaxLength, §9.2.3 SendLocalListMaxLength; 2.x LocalAuthListCtrlr: the highest limit of
Entries, ItemsPerMessage, BytesPerMessage (D01.FR.11, FR.12). They are known once the configuration was read.
"""

from dataclasses import dataclass
from typing import Final

from central.models import Variable
from central.services.device_places import Place

MANY: Final = 10_000
AT_ONCE: Final = 200
BYTES_OF_ENTRY: Final = 250
"""What an entry takes at most, in JSON, without a long message to the driver."""
_MOST_1_6: Final = Place("LocalAuthListMaxLength").key
_AT_ONCE_1_6: Final = Place("SendLocalListMaxLength").key
_CONTROLLER: Final = "LocalAuthListCtrlr"
_MOST_2: Final = Place("Entries", _CONTROLLER).key
_AT_ONCE_2: Final = Place("ItemsPerMessage", _CONTROLLER).key
_BYTES_2: Final = Place("BytesPerMessage", _CONTROLLER).key


@dataclass(frozen=True, slots=True)
class Limits:
    """Tags in the list, and tags in one message; cautious guesses where the charge point did not say."""

    most: int = MANY
    at_once: int = AT_ONCE


def local_list_limits(charge_point_id: int) -> Limits:
    """What the charge point said of its limits, in one statement; zero and nonsense count as not said."""
    keys = (_MOST_1_6, _AT_ONCE_1_6, _MOST_2, _AT_ONCE_2, _BYTES_2)
    rows = Variable.objects.filter(charge_point_id=charge_point_id, key__in=keys)
    told = {row.key: row for row in rows}
    entries = told.get(_MOST_2)
    most = int(entries.max_limit) if entries is not None and entries.max_limit else 0
    most = most or _number(told.get(_MOST_1_6)) or MANY
    at_once = _number(told.get(_AT_ONCE_2)) or _number(told.get(_AT_ONCE_1_6)) or AT_ONCE
    size = _number(told.get(_BYTES_2))
    if size:
        at_once = min(at_once, max(size // BYTES_OF_ENTRY, 1))
    return Limits(most, min(at_once, most))


def _number(row: Variable | None) -> int:
    text = row.value.strip() if row is not None else ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
