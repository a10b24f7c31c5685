"""Bootstrap tokens: issued here for a new partner, shown once."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from emobility.lib.display import badge, link, moment
from ocpi.admin.partner_cards import registration_card
from ocpi.models import BootstrapToken
from ocpi.services.access import handshake_of
from ocpi.services.bootstrap_tokens import LONGEST_HOURS, bootstrap_token_issue, bootstrap_token_revoke
from registry.admin.actions import ObjectAction, Secret, object_url
from registry.admin.base import visible
from registry.admin.making import Making, MakingAdmin
from registry.admin.story import HistoryStoryAdmin
from registry.models import Organization
from registry.rights import Right


class BootstrapTokenForm(forms.Form):
    """For whom, how long."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Organisation"), widget=UnfoldAdminSelectWidget
    )
    label = forms.CharField(label=_("For whom"), max_length=100, widget=UnfoldAdminTextInputWidget)
    hours = forms.IntegerField(
        label=_("Good for (hours)"),
        initial=24,
        min_value=1,
        max_value=LONGEST_HOURS,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]


def _issue(request: HttpRequest, values: dict[str, Any]) -> Secret:
    user: Any = request.user
    token, secret = bootstrap_token_issue(
        organization=values.get("organization") or user.organization,
        label=values["label"],
        hours=values["hours"],
        created_by=user,
        now=timezone.now(),
    )
    organization = token.organization
    address = f"{settings.OCPI_BASE_URL}/ocpi/versions"
    facts = {
        _t("For"): token.label,
        _t("Good until"): moment(token.expires_at, organization.time_zone),
        _t("Versions URL"): address if organization.is_default else _t("the organisation's own versions URL"),
    }
    usage = _t("Send it to the partner over a safe way, together with the versions URL. It works once.")
    return Secret(_t("Bootstrap token"), secret, facts, usage)


def _revoke(request: HttpRequest, obj: BootstrapToken, values: dict[str, Any]) -> str:
    user: Any = request.user
    bootstrap_token_revoke(token=obj, revoked_by=user, now=timezone.now())
    return _t("The token is revoked.")


@admin.register(BootstrapToken)
class BootstrapTokenAdmin(MakingAdmin, HistoryStoryAdmin):
    """Tokens with their state; the token itself is never shown again."""

    list_display = ("label", "state", "expires", "used_by", "created_by")
    list_select_related = ("organization", "used_by", "created_by")
    search_fields = ("label",)
    object_actions = (
        ObjectAction(
            slug="revoke",
            label=_("Revoke"),
            explain=_("Ends the token at once. A partner that used it stays registered."),
            right=Right.MANAGE,
            run=_revoke,
            hindrance=lambda obj: _t("It ended already.") if obj.revoked_at or obj.used_at else "",
            ask=True,
            danger=True,
            icon="block",
        ),
    )

    making = Making(
        label=_("Issue bootstrap token"),
        explain=_("Lets a new partner register with us once (OCPI credentials token A)."),
        right=Right.MANAGE,
        refusal=_("Your role may not register partners."),
        form=BootstrapTokenForm,
        run=lambda request, form: _issue(request, form.cleaned_data),
    )

    @display(description=_("state"))
    def state(self, token: BootstrapToken) -> SafeString:
        """Whether it still opens anything."""
        if token.used_at:
            return badge(_("Used"), "info", token.used_at, timezone.now())
        if token.revoked_at:
            return badge(_("Revoked"), "mute")
        if token.expires_at <= timezone.now():
            return badge(_("Expired"), "mute")
        return badge(_("Good"), "good")

    @display(description=_("good until"), ordering="expires_at")
    def expires(self, token: BootstrapToken) -> Any:
        """When it ends."""
        return moment(token.expires_at, token.organization.time_zone)

    def story(self, request: HttpRequest, obj: BootstrapToken) -> dict[str, Any]:
        """For whom, and what became of it."""
        zone = obj.organization.time_zone
        facts = [
            (_("For whom"), obj.label),
            (_("State"), self.state(obj)),
            (_("Good until"), moment(obj.expires_at, zone)),
            (_("Used by"), link(object_url(obj.used_by), obj.used_by) if obj.used_by else ""),
            (_("Made"), moment(obj.created_at, zone)),
            (_("By"), obj.created_by or ""),
        ]
        return {"cards": [{"facts": facts}, registration_card(handshake_of(obj))]}
