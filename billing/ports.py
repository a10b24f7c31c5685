"""Questions that billing asks upward; the room above answers them in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CdrDelivery:
    """How far a CDR is at one partner: its name, a word with its tone (good, warn ...), the page of it."""

    partner: str
    word: Any
    tone: str
    url: str = ""


CdrDeliveries = Callable[[Sequence[int]], dict[int, Sequence[CdrDelivery]]]


def _no_deliveries(cdr_ids: Sequence[int]) -> dict[int, Sequence[CdrDelivery]]:
    return {}


class Ports:
    """The answers that the room above gave."""

    cdr_deliveries: CdrDeliveries = staticmethod(_no_deliveries)


ports = Ports()
