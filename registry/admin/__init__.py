"""Admin pages of registry."""

from registry.admin import (
    audit,
    enrolment_tokens,
    event_sinks,
    events,
    export_jobs,
    organizations,
    parking_places,
    service_accounts,
    sites,
    stock,
    users,
    webhook_deliveries,
    webhooks,
)

__all__ = [
    "audit",
    "enrolment_tokens",
    "event_sinks",
    "events",
    "export_jobs",
    "organizations",
    "parking_places",
    "service_accounts",
    "sites",
    "stock",
    "users",
    "webhook_deliveries",
    "webhooks",
]
