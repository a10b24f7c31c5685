"""Admin pages of billing."""

from billing.admin import cdrs, tariffs

__all__ = ["cdrs", "tariffs"]
