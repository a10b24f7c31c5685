"""Amounts that a person looks at before they go: no charging session costs so much, so something is wrong."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.conf import settings

ROUGHLY_A_EURO: Final[Mapping[str, int]] = {
    **dict.fromkeys(["EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD", "BGN"], 1),
    **dict.fromkeys(["PLN", "RON", "ILS", "AED", "SAR", "MYR", "BRL"], 5),
    **dict.fromkeys(["SEK", "NOK", "DKK", "CNY", "HKD"], 10),
    **dict.fromkeys(["CZK", "ZAR", "MXN"], 25),
    **dict.fromkeys(["TRY", "THB", "TWD", "UAH", "PHP"], 50),
    **dict.fromkeys(["INR", "RSD", "ISK", "JPY"], 150),
    **dict.fromkeys(["HUF", "KZT"], 500),
    **dict.fromkeys(["KRW", "CLP"], 1500),
    **dict.fromkeys(["COP"], 4500),
    **dict.fromkeys(["IDR", "VND"], 25_000),
}
"""How much of a currency is about a euro: no rate, only the scale by which an amount is large."""


def is_large(amount: Decimal, currency: str) -> bool:
    """True above BILLING_REVIEW_ABOVE_EUR; never in a currency of which the scale is not known."""
    scale = ROUGHLY_A_EURO.get(currency)
    most = settings.BILLING_REVIEW_ABOVE_EUR
    return bool(scale and most) and amount > most * (scale or 1)
