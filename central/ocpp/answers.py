"""What every answer and every report shares: the charge point's word, numbers that a row can hold."""

from decimal import Decimal
from typing import Any, Final

from emobility.lib.money import amount4

WORD_LIMIT: Final = 255
LARGEST_AMOUNT: Final = Decimal(10**9)


def word_of(answer: dict[str, Any]) -> str:
    """Status, reason code and additional info of an answer in one line (2.x StatusInfoType)."""
    info = answer.get("statusInfo") or {}
    parts = (answer.get("status"), info.get("reasonCode"), info.get("additionalInfo"))
    return " ".join(str(part) for part in parts if part)[:WORD_LIMIT]


def amount_of(number: float) -> Decimal:
    """An amount of money from a charge point with four decimals, as a column holds it."""
    return amount4(max(-LARGEST_AMOUNT, min(LARGEST_AMOUNT, Decimal(str(number)))))


def held(number: float, bits: int = 63) -> int:
    """A number from a charge point as a column of so many bits holds it: the nearest that it can."""
    limit: int = 2**bits
    return int(max(-limit, min(limit - 1, int(number))))
