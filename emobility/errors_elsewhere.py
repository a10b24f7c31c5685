"""Errors go to Sentry where a DSN is set (extra `sentry`): without secrets, bodies, variables and people."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from emobility.lib.logs import scrubbed

try:
    import sentry_sdk
except ModuleNotFoundError:  # the extra is not installed
    sentry_sdk = None  # type: ignore[assignment]

LEFT_OUT = ("request", "user", "server_name", "modules")
"""What tells more of the installation and its people than of the fault."""


def sentry_start(dsn: str, **options: Any) -> bool:
    """Begin to send errors to `dsn`; nothing where it is empty. Raises ImproperlyConfigured."""
    if not dsn:
        return False
    if sentry_sdk is None:
        raise ImproperlyConfigured("SENTRY_DSN needs the extra: pip install 'sentry-sdk'.")
    sentry_sdk.init(
        dsn=dsn,
        environment=settings.SENTRY_ENVIRONMENT,
        release=settings.VERSION,
        before_send=scrub,
        before_breadcrumb=lambda crumb, hint: scrubbed(crumb),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        **options,
    )
    return True


def scrub(event: Any, hint: Any) -> Any:
    """The event without what may be secret; of a request only its method and path."""
    asked = event.get("request") or {}
    place = {"method": asked.get("method"), "url": str(asked.get("url", "")).partition("?")[0]}
    for name in LEFT_OUT:
        event.pop(name, None)
    if place["url"]:
        event["request"] = place
    return scrubbed(event)
