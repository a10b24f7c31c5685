"""How much a charge point's local list holds, and how much of it one message carries, where it said so."""

from dataclasses import dataclass
from typing import Final

MANY: Final = 10_000
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Tags in the list, and tags in one message; cautious guesses where the charge point did not say."""

    most: int = MANY
    at_once: int = AT_ONCE


def local_list_limits(charge_point_id: int) -> Limits:
    """What the charge point said of its limits."""
    return Limits()
