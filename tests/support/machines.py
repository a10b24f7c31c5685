"""Machine clients for tests: a service account, its keys, and requests signed as docs/api-keys.md tells."""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.models import Organization, ServiceAccount, ServiceKey, User
from registry.models.user import Role
from registry.services.service_accounts import ServiceAccountValues, scopes_of, service_account_create
from registry.services.service_keys import service_key_issue


def machine(
    organization: Organization, *, role: str = Role.SERVICE, scopes: Any = None, name: str = "Laravel"
) -> ServiceAccount:
    """A service account with the `scopes` named, or all that its role has."""
    held = [right.value for right in scopes_of(role)] if scopes is None else scopes
    chief, _ = User.objects.get_or_create(
        username=f"chief-{organization.slug}", organization=organization, role=Role.ADMIN
    )
    return service_account_create(
        organization=organization,
        values=ServiceAccountValues(name, role, held),
        actor=chief,
        now=datetime.now(UTC),
    )


def api_key(account: ServiceAccount, lifetime: timedelta | None = None) -> tuple[ServiceKey, dict[str, str]]:
    """A key, and the header that shows it."""
    key, secret = _key(account, "bearer", lifetime)
    return key, {"authorization": f"Bearer {secret}"}


def signing_key(account: ServiceAccount, lifetime: timedelta | None = None) -> tuple[ServiceKey, str]:
    """A signing key and its secret."""
    return _key(account, "hmac", lifetime)


def signed(
    key_id: str, secret: str, method: str, path: str, body: Any = None, **instead: str
) -> tuple[bytes, dict[str, str]]:
    """The bytes of a request and the headers that sign it; `stamp` and `nonce` can be chosen."""
    raw = b"" if body is None else json.dumps(body).encode()
    stamp = instead.get("stamp", str(int(datetime.now(UTC).timestamp())))
    nonce = instead.get("nonce", secrets.token_hex(16))
    text = "\n".join((method, path, stamp, nonce, hashlib.sha256(raw).hexdigest()))
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers = {"x-key-id": key_id, "x-timestamp": stamp, "x-nonce": nonce, "x-signature": signature}
    return raw, headers


def maker(account: ServiceAccount) -> User:
    """Who made the account."""
    assert account.created_by is not None
    return account.created_by


def _key(account: ServiceAccount, kind: str, lifetime: timedelta | None) -> tuple[ServiceKey, str]:
    return service_key_issue(
        account=account, kind=kind, lifetime=lifetime, actor=maker(account), now=datetime.now(UTC)
    )
