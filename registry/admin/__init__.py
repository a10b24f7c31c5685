"""Admin pages of registry."""

from registry.admin import audit, enrolment_tokens, events, organizations, sites, stock, users

__all__ = ["audit", "enrolment_tokens", "events", "organizations", "sites", "stock", "users"]
