"""What can be done to a service account from its page: keys, tokens, rights, its end."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from emobility.lib.display import moment
from registry.admin.actions import ObjectAction, Outcome, Secret
from registry.admin.requests import remote_address
from registry.admin.service_account_forms import ChooseKeyForm, KeyForm, RightsForm, RotateForm, TokenForm
from registry.models import ServiceAccount, ServiceKey
from registry.models.service_account import KeyKind
from registry.rights import Right
from registry.services.service_accounts import (
    ServiceAccountValues,
    service_account_change,
    service_account_switch,
)
from registry.services.service_keys import service_key_issue, service_key_revoke, service_key_rotate
from registry.services.service_tokens import service_token_issue

BEARER_USAGE = _("Sent with each request as 'Authorization: Bearer <key>' or 'X-API-Key: <key>'.")
HMAC_USAGE = _("Signs requests together with the key id; the recipe is in docs/api-keys.md.")
TOKEN_USAGE = _("Sent with each request as 'Authorization: Bearer <token>'. It cannot be shown again.")


def who_and_where(request: HttpRequest) -> dict[str, Any]:
    """Actor, address and time of a service's call."""
    return {"actor": request.user, "address": remote_address(request), "now": timezone.now()}


def shown_once(key: ServiceKey, secret: str) -> Secret:
    """The page of a new key."""
    usage = BEARER_USAGE if key.kind == KeyKind.BEARER else HMAC_USAGE
    facts = {
        _t("Service account"): key.account.name,
        _t("Key id"): key.key_id,
        _t("Good until"): moment(key.expires_at) if key.expires_at else _t("it is revoked"),
    }
    return Secret(_t("Key of a service account"), secret, facts, str(usage))


def _issue(request: HttpRequest, obj: ServiceAccount, values: dict[str, Any]) -> Outcome:
    key, secret = service_key_issue(
        account=obj,
        kind=values["kind"],
        label=values["label"],
        lifetime=timedelta(days=values["days"]) if values["days"] else None,
        **who_and_where(request),
    )
    return shown_once(key, secret)


def _rotate(request: HttpRequest, obj: ServiceAccount, values: dict[str, Any]) -> Outcome:
    overlap = timedelta(hours=values["hours"])
    key, secret = service_key_rotate(key=values["key"], overlap=overlap, **who_and_where(request))
    return shown_once(key, secret)


def _revoke(request: HttpRequest, obj: ServiceAccount, values: dict[str, Any]) -> Outcome:
    service_key_revoke(key=values["key"], **who_and_where(request))
    return _t("The key is revoked.")


def _token(request: HttpRequest, obj: ServiceAccount, values: dict[str, Any]) -> Outcome:
    life = timedelta(hours=values["hours"])
    token, ends = service_token_issue(account=obj, lifetime=life, **who_and_where(request))
    facts = {_t("Service account"): obj.name, _t("Good until"): moment(ends)}
    return Secret(_t("Access token"), token, facts, str(TOKEN_USAGE))


def _rights(request: HttpRequest, obj: ServiceAccount, values: dict[str, Any]) -> Outcome:
    wanted = ServiceAccountValues(obj.name, values["role"], values["scopes"])
    service_account_change(account=obj, values=wanted, **who_and_where(request))
    return _t("Its rights are changed, from the next request on.")


def _switch(request: HttpRequest, obj: ServiceAccount, values: dict[str, Any]) -> Outcome:
    service_account_switch(account=obj, active=not obj.is_active, **who_and_where(request))
    return _t("It is let in again.") if obj.is_active else _t("It is ended, with all its keys and tokens.")


def _inactive(obj: ServiceAccount) -> str:
    return "" if obj.is_active else _t("The account is ended.")


def _keyless(obj: ServiceAccount) -> str:
    live = any(key.revoked_at is None for key in obj.keys.all())
    return "" if live else _t("It has no key yet.")


ACTIONS = (
    ObjectAction(
        slug="new-key",
        label=_("New key"),
        explain=_("Makes a key, which is shown once. Several may be good at a time."),
        right=Right.MANAGE,
        run=_issue,
        form=lambda data, request, obj: KeyForm(data),
        hindrance=_inactive,
        icon="key",
    ),
    ObjectAction(
        slug="rotate-key",
        label=_("Rotate key"),
        explain=_("Makes another key like the chosen one, which ends after a while: time to exchange it."),
        right=Right.MANAGE,
        run=_rotate,
        form=lambda data, request, obj: RotateForm(data, obj),
        hindrance=lambda obj: _inactive(obj) or _keyless(obj),
        icon="autorenew",
    ),
    ObjectAction(
        slug="revoke-key",
        label=_("Revoke key"),
        explain=_("Ends a key at once: who still uses it is refused."),
        right=Right.MANAGE,
        run=_revoke,
        form=lambda data, request, obj: ChooseKeyForm(data, obj),
        hindrance=_keyless,
        danger=True,
        icon="key_off",
    ),
    ObjectAction(
        slug="token",
        label=_("Access token"),
        explain=_("Makes a JWT for clients that can only send one; it ends by itself or with the account."),
        right=Right.MANAGE,
        run=_token,
        form=lambda data, request, obj: TokenForm(data),
        hindrance=_inactive,
        icon="badge",
    ),
    ObjectAction(
        slug="rights",
        label=_("Change rights"),
        explain=_("What it may do, from its next request on."),
        right=Right.MANAGE,
        run=_rights,
        form=lambda data, request, obj: RightsForm(data, obj),
        icon="rule",
    ),
    ObjectAction(
        slug="switch",
        label=_("End / let in"),
        explain=_("Ends the account with all keys and tokens at once; or lets an ended one in again."),
        right=Right.MANAGE,
        run=_switch,
        ask=True,
        danger=True,
        icon="power_settings_new",
    ),
)
