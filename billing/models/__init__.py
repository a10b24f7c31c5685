"""Models of billing: what charging costs and what it came to."""

from billing.models.cdr import Cdr
from billing.models.review import Review
from billing.models.session_rating import SessionRating
from billing.models.tariff import Tariff, TariffAssignment, TariffVersion

__all__ = ["Cdr", "Review", "SessionRating", "Tariff", "TariffAssignment", "TariffVersion"]
