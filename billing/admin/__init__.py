"""Admin pages of billing."""

from billing.admin import assignments, cdrs, reviews, tariff_cards, tariffs

__all__ = ["assignments", "cdrs", "reviews", "tariff_cards", "tariffs"]
