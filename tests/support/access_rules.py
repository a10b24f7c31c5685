"""How strangers are sent to organisations, people, service accounts and imports (T14)."""

from collections.abc import Callable
from typing import Any

from ocpi.api.urls import OWNER, VERSION
from ocpi.models import BootstrapToken
from registry.models import ServiceAccount, ServiceKey, User

UID = "(?P<uid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
KEYS = f"api/^service-accounts/{UID}/keys/(?P<key_id>[0-9a-f]+)"
OWN_ACCESS = {
    f"api/^{name}/?$" for name in ("service-accounts", "organizations", "users", "bootstrap-tokens")
} | {
    "api/^bootstrap-tokens/statistics/?$",
    "api/^ocpi/health/?$",
    "api/internal/whoami",
    "api/internal/whoami/",
}
"""Lists of own rows."""


def pairs(*addresses: str) -> dict[str, str]:
    """Rules for addresses that answer with and without their last slash."""
    return {f"{each}{slash}": f"{each}{slash}" for each in addresses for slash in ("", "/")}


CLOSED_ACCESS = {
    f"ocpi/{OWNER}versions/?$": "ocpi/basalt/cpo/versions",
    f"ocpi/{OWNER}{VERSION}/?$": "ocpi/basalt/2.2.1",
    f"ocpi/{OWNER}{VERSION}/(?P<path>.+)$": "ocpi/basalt/2.2.1/cdrs",
    "admin/invitation/<uidb64>/<token>/": "admin/invitation/MQ/nonsense/",
    "api/^bootstrap-tokens/cleanup/?$": "api/bootstrap-tokens/cleanup",
    **pairs("api/imports/charge-points", "api/imports/id-tokens", "api/token/revoke"),
}
"""No stranger has what these ask for, or only POSTs are answered."""


def _account(world: Any) -> str:
    return f"api/service-accounts/{world.one(ServiceAccount).uid}/"


def _key(world: Any) -> str:
    return f"{_account(world)}keys/{world.one(ServiceKey).key_id}/"


def _bootstrap_token(rest: str) -> Callable[[Any], str]:
    return lambda world: f"api/bootstrap-tokens/{world.one(BootstrapToken).pk}{rest}/"


OBJECTS_ACCESS: dict[str, Callable[[Any], str]] = {
    "api/^organizations/(?P<pk>[0-9]+)/?$": lambda world: f"api/organizations/{world.organization.pk}/",
    "api/^users/(?P<pk>[0-9]+)/?$": lambda world: f"api/users/{world.one(User).pk}/",
    **{
        f"api/^bootstrap-tokens/(?P<pk>[0-9]{{1,18}}){rest}/?$": _bootstrap_token(rest)
        for rest in ("", "/revoke")
    },
    "api/^users/(?P<pk>[0-9]+)/invite/?$": lambda world: f"api/users/{world.one(User).pk}/invite/",
    f"api/^service-accounts/{UID}/?$": _account,
    f"api/^service-accounts/{UID}/keys/?$": lambda world: f"{_account(world)}keys/",
    f"api/^service-accounts/{UID}/token/?$": lambda world: f"{_account(world)}token/",
    f"{KEYS}/rotate/?$": lambda world: f"{_key(world)}rotate/",
    f"{KEYS}/revoke/?$": lambda world: f"{_key(world)}revoke/",
}
"""One row of the other organisation."""
