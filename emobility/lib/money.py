"""Money: Decimal amounts with a currency, four decimals inside, rounded once where people pay or see."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

FOUR_PLACES = Decimal("0.0001")
MINOR_UNITS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "HUF": 2, "BHD": 3, "KWD": 3, "TND": 3}


def amount4(value: Decimal) -> Decimal:
    """An amount as OCPI carries it: four decimals, halves away from zero."""
    return value.quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)


def round_minor(value: Decimal, currency: str) -> Decimal:
    """An amount in the currency's minor unit (ISO 4217), halves away from zero."""
    places = MINOR_UNITS.get(currency.upper(), 2)
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency; adding two currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.amount + other.amount, self.currency)

    def rounded(self) -> "Money":
        """The amount that a person pays or sees."""
        return Money(round_minor(self.amount, self.currency), self.currency)

    def __str__(self) -> str:
        return f"{round_minor(self.amount, self.currency)} {self.currency}"
