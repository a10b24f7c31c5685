"""Admin pages of billing."""

from billing.admin import cdrs, reviews, tariffs

__all__ = ["cdrs", "reviews", "tariffs"]
