"""What the admin reads from a request beside its form."""

from django.http import HttpRequest

from registry.services.addresses import client_address


def remote_address(request: HttpRequest) -> str:
    """Where the person is, for the audit trail."""
    meta = request.META
    return client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""))
