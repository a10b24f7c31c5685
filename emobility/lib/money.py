"""Money: Decimal amounts with a currency, four decimals inside, rounded once where people pay or see."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

OCPI_PLACES = 4
DUST = Decimal("1e-12")
WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_quantize = WIDE.quantize
EXPONENTS = [Decimal(1).scaleb(-places) for places in range(13)]
NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DECIMALS = "CLF UYW"
MINOR_UNITS = (
    dict.fromkeys(NO_MINOR_UNIT.split(), 0)
    | dict.fromkeys(THREE_DECIMALS.split(), 3)
    | dict.fromkeys(FOUR_DECIMALS.split(), 4)
)
"""The exponents of ISO 4217 that are not 2."""


def rounded(value: Decimal, places: int) -> Decimal:
    """The one rounding of the house: so many decimals, halves away from zero.

    Divisions (a price by the hour, three seconds of it) leave dust in the 28th digit; it is taken off first,
    so that a half is a half.
    """
    return _quantize(_quantize(value, DUST), EXPONENTS[places])


def amount4(value: Decimal) -> Decimal:
    """An amount as OCPI carries it: four decimals, halves away from zero."""
    return rounded(value, OCPI_PLACES)


def minor_places(currency: str) -> int:
    """How many decimals the currency's minor unit has (ISO 4217); 2 where it is not known."""
    return MINOR_UNITS.get(currency.upper(), 2)


def round_minor(value: Decimal, currency: str) -> Decimal:
    """An amount that a person pays or sees: in the currency's minor unit, halves away from zero."""
    return rounded(value, minor_places(currency))


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
