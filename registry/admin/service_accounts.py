"""Service accounts: machine clients with their keys; secrets are shown once, on their own page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import age, badge, code, moment
from registry.admin.filters import OrganizationFilter
from registry.admin.making import Making, MakingAdmin
from registry.admin.service_account_actions import ACTIONS, who_and_where
from registry.admin.service_account_forms import ServiceAccountForm
from registry.admin.story import HistoryStoryAdmin
from registry.models import ServiceAccount, ServiceKey
from registry.rights import Right
from registry.services.service_accounts import ServiceAccountValues, service_account_create


def _make(request: HttpRequest, form: Any) -> ServiceAccount:
    user: Any = request.user
    values = form.cleaned_data
    return service_account_create(
        organization=values.get("organization") or user.organization,
        values=ServiceAccountValues(values["name"], values["role"], values["scopes"]),
        **who_and_where(request),
    )


@admin.register(ServiceAccount)
class ServiceAccountAdmin(MakingAdmin, HistoryStoryAdmin):
    """Machine clients of the organisation."""

    list_display = ("name", "state", "role", "scope_words", "live_keys", "used")
    list_filter = ("is_active", OrganizationFilter)
    search_fields = ("name",)
    list_select_related = ("organization",)
    object_actions = ACTIONS
    empty_text = _("No machine client yet: make one for each system that shall use REST, and give it a key.")
    making = Making(
        label=_("Make service account"),
        explain=_("A machine client without password. Give it a key on its page."),
        right=Right.MANAGE,
        refusal=_("Your role may not manage service accounts."),
        form=ServiceAccountForm,
        run=_make,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With their keys."""
        return super().get_queryset(request).prefetch_related("keys__created_by")

    @display(description=_("state"))
    def state(self, account: ServiceAccount) -> SafeString:
        """Whether it is let in."""
        return badge(_("Active"), "good") if account.is_active else badge(_("Ended"), "mute")

    @display(description=_("scopes"))
    def scope_words(self, account: ServiceAccount) -> str:
        """What its role is cut down to."""
        return ", ".join(account.scopes) or _t("none")

    @display(description=_("keys"))
    def live_keys(self, account: Any) -> int:
        """How many are good now."""
        return sum(_word(key) == "good" for key in account.keys.all())

    @display(description=_("last used"), ordering="last_used_at")
    def used(self, account: ServiceAccount) -> Any:
        """How long ago."""
        return age(account.last_used_at, timezone.now()) if account.last_used_at else _t("never")

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What it may, and its keys."""
        facts = [
            (_("State"), self.state(obj)),
            (_("Role"), obj.get_role_display()),
            (_("Scopes"), self.scope_words(obj)),
            (_("Login in the audit trail"), code(obj.username)),
            (_("Last used"), self.used(obj)),
            (_("Made"), age(obj.date_joined, timezone.now())),
            (_("By"), obj.created_by or ""),
        ]
        rows = [_key_row(key) for key in obj.keys.all()]
        keys = {
            "title": _("Keys"),
            "columns": [name for name, _value in rows[0]] if rows else [],
            "rows": rows,
            "empty": _("No key yet: make one with the button above."),
        }
        return {"cards": [{"facts": facts}, keys]}


def _key_row(key: ServiceKey) -> list[tuple[Any, Any]]:
    words = {"good": _("Good"), "revoked": _("Revoked"), "expired": _("Expired")}
    state = _word(key)
    return [
        (_("Key id"), code(key.key_id)),
        (_("State"), badge(words[state], "good" if state == "good" else "mute")),
        (_("Kind"), key.get_kind_display()),
        (_("Label"), key.label),
        (_("Good until"), moment(key.expires_at) if key.expires_at else _("it is revoked")),
        (_("Last used"), age(key.last_used_at, timezone.now()) if key.last_used_at else _("never")),
        (_("By"), key.created_by or ""),
    ]


def _word(key: ServiceKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= timezone.now() else "good"
