"""Admin pages of OCPI."""

from ocpi.admin import bootstrap_tokens, deliveries, deviations, exchanges, partners, pulls, received

__all__ = ["bootstrap_tokens", "deliveries", "deviations", "exchanges", "partners", "pulls", "received"]
