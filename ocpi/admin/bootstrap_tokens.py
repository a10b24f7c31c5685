"""Bootstrap tokens: issued here for a new partner, shown once."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from emobility.lib.display import badge, badges, code, link, moment
from ocpi.admin.partner_cards import registration_card
from ocpi.core.configuration import ROLES
from ocpi.models import BootstrapToken
from ocpi.services.access import handshake_of
from ocpi.services.bootstrap_tokens import (
    LONGEST_HOURS,
    bootstrap_token_issue,
    bootstrap_token_revoke,
    bootstrap_tokens_clean,
)
from registry.admin.actions import ObjectAction, Secret, action_page, object_url
from registry.admin.base import visible
from registry.admin.making import Making, MakingAdmin
from registry.admin.story import HistoryStoryAdmin
from registry.models import Organization
from registry.rights import Right

ROLE_WORDS = {
    "CPO": _("CPO: operates charge points"),
    "EMSP": _("EMSP: has drivers"),
    "HUB": _("HUB: connects others"),
    "NAP": _("NAP: national access point"),
    "NSP": _("NSP: shows places to drivers"),
    "OTHER": _("OTHER"),
    "PTP": _("PTP: payment terminals"),
    "SCSP": _("SCSP: smart charging"),
}


class CleanForm(forms.Form):
    """How old they must be."""

    days = forms.IntegerField(
        label=_("Ended more than (days ago)"),
        initial=30,
        min_value=0,
        max_value=3650,
        widget=UnfoldAdminIntegerFieldWidget,
    )


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
    party = forms.CharField(
        label=_("Only for the party"),
        max_length=6,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "DE-ABC"}),
        help_text=_("Country and party id. Empty: whoever has the token may register."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Only in the roles"),
        choices=[(role, ROLE_WORDS.get(role, role)) for role in ROLES],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None chosen: in any."),
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
        party=values["party"],
        roles=values["roles"],
        created_by=user,
        now=timezone.now(),
    )
    organization = token.organization
    address = f"{settings.OCPI_BASE_URL}/ocpi/versions"
    facts = {
        _t("For"): token.label,
        _t("Only the party"): token.party or _t("any"),
        _t("Only in the roles"): ", ".join(token.roles) or _t("any"),
        _t("Good until"): moment(token.expires_at, organization.time_zone),
        _t("Versions URL"): address if organization.is_default else _t("the organisation's own versions URL"),
    }
    usage = _t("Send it to the partner over a safe way, together with the versions URL. It works once.")
    return Secret(_t("Bootstrap token"), secret, facts, usage)


def _revoke(request: HttpRequest, obj: BootstrapToken, values: dict[str, Any]) -> str:
    user: Any = request.user
    bootstrap_token_revoke(token=obj, revoked_by=user, now=timezone.now())
    return _t("The token is revoked.")


def _clean(request: HttpRequest, form: CleanForm) -> str:
    user: Any = request.user
    count = bootstrap_tokens_clean(
        organization=None if user.sees_all else user.organization,
        kept=timedelta(days=form.cleaned_data["days"]),
        actor=user,
        now=timezone.now(),
    )
    return ngettext("{count} token is forgotten.", "{count} tokens are forgotten.", count).format(count=count)


CLEANING = Making(
    label=_("Forget ended tokens"),
    explain=_("Deletes tokens that expired or were revoked unused; used ones stay with their partner."),
    right=Right.MANAGE,
    refusal=_("Your role may not register partners."),
    form=lambda data, _user: CleanForm(data),
    run=_clean,
    danger=True,
)


@admin.register(BootstrapToken)
class BootstrapTokenAdmin(MakingAdmin, HistoryStoryAdmin):
    """Tokens with their state; the token itself is never shown again."""

    list_display = ("label", "only_for", "state", "expires", "used_by", "created_by")
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

    actions_list = ("clean",)

    def has_clean_permission(self, request: HttpRequest) -> bool:
        """Those who may issue."""
        return self.has_add_permission(request)

    @action(description=CLEANING.label, url_path="clean", permissions=["clean"])
    def clean(self, request: HttpRequest) -> HttpResponse:
        """Ask how old they must be, forget them, say how many."""
        if not self.has_clean_permission(request):
            raise PermissionDenied(str(CLEANING.refusal))
        posted = request.method == "POST"
        form = CLEANING.form(request.POST if posted else None, request.user)
        if not posted or not form.is_valid():
            return action_page(self, request, CLEANING, form=form)
        messages.success(request, CLEANING.run(request, form))
        return HttpResponseRedirect(reverse("admin:ocpi_bootstraptoken_changelist"))

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

    @display(description=_("only for"))
    def only_for(self, token: BootstrapToken) -> str:
        """The party and the roles that it was made for."""
        return " ".join(filter(None, [token.party, ", ".join(token.roles)])) or str(_("any party"))

    @display(description=_("good until"), ordering="expires_at")
    def expires(self, token: BootstrapToken) -> Any:
        """When it ends."""
        return moment(token.expires_at, token.organization.time_zone)

    def story(self, request: HttpRequest, obj: BootstrapToken) -> dict[str, Any]:
        """For whom, and what became of it."""
        zone = obj.organization.time_zone
        facts = [
            (_("For whom"), obj.label),
            (_("Only the party"), code(obj.party) if obj.party else _("any")),
            (_("Only in the roles"), badges(badge(role, "info") for role in obj.roles) or _("any")),
            (_("State"), self.state(obj)),
            (_("Good until"), moment(obj.expires_at, zone)),
            (_("Used by"), link(object_url(obj.used_by), obj.used_by) if obj.used_by else ""),
            (_("Made"), moment(obj.created_at, zone)),
            (_("By"), obj.created_by or ""),
        ]
        return {"cards": [{"facts": facts}, registration_card(handshake_of(obj))]}
