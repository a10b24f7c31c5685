"""Keys of service accounts: made, shown once, recognised, ended; and who an API key belongs to."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Conflict, Invalid, Unauthenticated
from registry.models import ServiceAccount, ServiceKey, User
from registry.models.service_account import KeyKind
from registry.services.audit import audit_record
from registry.services.service_accounts import escalation_check
from registry.services.throttle import failures_limited

MARK: Final = "emk"
"""How every API key begins: people and scanners of leaked secrets know it by that."""
LONGEST_LIFE: Final = timedelta(days=3660)
MOST_KEYS: Final = 10
MOST_LENGTH: Final = 200
USE_NOTED_EACH: Final = timedelta(minutes=1)
NOBODY: Final = "0" * 64


class InvalidKey(Unauthenticated):
    """The key is unknown, wrong, expired or revoked, or its account is ended: one text for all."""

    def __init__(self) -> None:
        super().__init__(str(_("Invalid API key.")))


def service_key_issue(
    *,
    account: ServiceAccount,
    kind: str = KeyKind.BEARER,
    label: str = "",
    lifetime: timedelta | None = None,
    actor: User,
    address: str = "",
    now: datetime,
) -> tuple[ServiceKey, str]:
    """A further key of the account and its secret, which is known only here and to who asked.

    Without `lifetime` it is good until it is revoked. Raises Invalid, Conflict (inactive, too many keys), and
    Forbidden for an actor who has not all rights of the account.
    """
    escalation_check(scopes=account.scopes, actor=actor)
    if kind not in KeyKind.values:
        raise Invalid(str(_("There is no such kind of key.")), {"kind": str(_("bearer or hmac"))})
    if lifetime is not None and not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise Invalid(str(_("The key cannot be made.")), {"lifetime": str(_("At most ten years."))})
    with transaction.atomic():
        _room_check(account, now)
        key, secret = _made(account, kind)
        key.label, key.created_by = label, actor
        key.expires_at = now + lifetime if lifetime else None
        key.save()
        _note(key, "issued", actor, address, now)
    return key, secret


def service_key_rotate(
    *, key: ServiceKey, overlap: timedelta, actor: User, address: str = "", now: datetime
) -> tuple[ServiceKey, str]:
    """Another key like this one; the old one ends after `overlap`. Raises Conflict, Invalid."""
    if not is_good(key, now):
        raise Conflict(str(_("The key has ended; make a new one.")))
    with transaction.atomic():
        lifetime = None if key.expires_at is None else key.expires_at - key.created_at
        fresh, secret = service_key_issue(
            account=key.account,
            kind=key.kind,
            label=key.label,
            lifetime=lifetime,
            actor=actor,
            address=address,
            now=now,
        )
        ends = now + overlap
        if key.expires_at is None or key.expires_at > ends:
            ServiceKey.objects.filter(pk=key.pk).update(expires_at=ends, updated_at=now)
        _note(key, "rotated", actor, address, now)
    return fresh, secret


def service_key_revoke(*, key: ServiceKey, actor: User, address: str = "", now: datetime) -> None:
    """End the key at once; repeating it changes nothing."""
    with transaction.atomic():
        ended = ServiceKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, updated_at=now)
        if ended:
            _note(key, "revoked", actor, address, now)


def service_account_by_key(*, secret: str, address: str, now: datetime) -> ServiceAccount:
    """The active account that an API key belongs to. Raises InvalidKey, TooMany."""
    key_id = key_id_of(secret)
    with failures_limited(address=address, cp_id=f"key {key_id}"):
        key = service_key_find(key_id=key_id, kind=KeyKind.BEARER)
        fits = hmac.compare_digest(_digest(secret), key.digest if key else NOBODY)
        if key is None or not fits or not is_good(key, now):
            raise InvalidKey
    service_key_used(key=key, now=now)
    return key.account


def service_key_find(*, key_id: str, kind: str) -> ServiceKey | None:
    """The key with this public id, whatever its state."""
    return ServiceKey.objects.select_related("account__organization").filter(key_id=key_id, kind=kind).first()


def service_key_used(*, key: ServiceKey, now: datetime) -> None:
    """Note that a key was used, at most once a minute."""
    if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EACH:
        ServiceKey.objects.filter(pk=key.pk).update(last_used_at=now)
        ServiceAccount.objects.filter(pk=key.account_id).update(last_used_at=now)


def keys_ended(*, account_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """When a key of each of these accounts ended last: revoked, or its time over."""
    rows = ServiceKey.objects.filter(account_id__in=account_ids).order_by() if account_ids else ()
    latest: dict[int, datetime] = {}
    for key in rows:
        ends = [at for at in (key.revoked_at, key.expires_at) if at is not None and at <= now]
        if ends:
            latest[key.account_id] = max(min(ends), latest.get(key.account_id, min(ends)))
    return latest


def is_good(key: ServiceKey, now: datetime) -> bool:
    """True while the key is in date and not revoked and its account is active."""
    in_date = key.expires_at is None or key.expires_at > now
    return in_date and key.revoked_at is None and key.account.is_active


def is_api_key(text: str) -> bool:
    """True for what looks like one of our API keys: tells them from JWTs."""
    return text.startswith(f"{MARK}_")


def key_id_of(secret: str) -> str:
    """The public part of an API key; empty where it has none."""
    parts = secret[:MOST_LENGTH].split("_", 2)
    return parts[1][:20] if len(parts) == 3 and parts[0] == MARK else ""


def _made(account: ServiceAccount, kind: str) -> tuple[ServiceKey, str]:
    key_id, raw = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ServiceKey(account=account, kind=kind, key_id=key_id)
    if kind == KeyKind.HMAC:
        key.secret = raw
        return key, raw
    whole = f"{MARK}_{key_id}_{raw}"
    key.digest = _digest(whole)
    return key, whole


def _room_check(account: ServiceAccount, now: datetime) -> None:
    """One at a time for an account: its row is locked while keys are counted."""
    owner = ServiceAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if not owner.is_active:
        raise Conflict(str(_("The service account is not active.")))
    live = [key for key in owner.keys.filter(revoked_at=None) if is_good(key, now)]
    if len(live) >= MOST_KEYS:
        raise Conflict(str(_("It has too many keys already: revoke one first.")))


def _digest(secret: str) -> str:
    raw = secret[:MOST_LENGTH].encode("utf-8", "surrogatepass")
    return hmac.new(settings.CREDENTIAL_PEPPER.encode(), b"api key:" + raw, hashlib.sha256).hexdigest()


def _note(key: ServiceKey, verb: str, actor: User, address: str, now: datetime) -> None:
    audit_record(
        actor=actor,
        action=f"service_key.{verb}",
        organization_id=key.account.organization_id,
        object_type="service_key",
        object_id=str(key.pk),
        after={"account": key.account.name, "key_id": key.key_id, "kind": str(key.kind)},
        remote_address=address,
        now=now,
    )
