"""Days of the week as people write them: Mon-Fri, sa-su, Mo,We,Fr; in English, with two letters or three."""

from collections.abc import Iterable
from typing import Final

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBERS: Final = {name: number for number, day in enumerate(DAYS) for name in (day, day[:2])}


def days_read(text: str) -> list[int]:
    """The days (Monday is 0) that a text of days and ranges names; empty where a word is no day.

    A range goes on over the end of the week where its last day comes before its first.
    """
    found: list[int] = []
    for part in text.split(","):
        begin, dash, end = part.strip().title().partition("-")
        first, last = _NUMBERS.get(begin), _NUMBERS.get(end if dash else begin)
        if first is None or last is None:
            return []
        found.extend((first + step) % 7 for step in range((last - first) % 7 + 1))
    return found


def days_write(days: Iterable[int]) -> str:
    """Days that follow each other as one day or one range: Wed, Mon-Fri, Sat-Mon."""
    numbers = list(days)
    return DAYS[numbers[0]] if len(numbers) == 1 else f"{DAYS[numbers[0]]}-{DAYS[numbers[-1]]}"
