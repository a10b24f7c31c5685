"""Enrolment tokens: issued here, shown once, revoked here."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from emobility.lib.display import age, badge, moment
from registry.admin.actions import ObjectAction, Secret
from registry.admin.base import visible
from registry.admin.making import Making, MakingAdmin
from registry.admin.requests import remote_address
from registry.admin.story import HistoryStoryAdmin
from registry.models import EnrolmentToken, Organization, Site
from registry.rights import Right
from registry.services.audit import audit_record
from registry.services.enrolment_tokens import enrolment_token_issue, enrolment_token_revoke

USAGE = _(
    "Send it to the charge point or its installer over a safe way. It goes into the field enrolment_token of"
    " POST /cp/register at the Registry."
)


class EnrolmentTokenForm(forms.Form):
    """For which id or prefix, how often, how long."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Organisation"), widget=UnfoldAdminSelectWidget
    )
    cp_id = forms.CharField(
        label=_("Charge point id"),
        required=False,
        max_length=48,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For one charge point. Leave it empty to allow a prefix instead."),
    )
    id_prefix = forms.CharField(
        label=_("Id prefix"), required=False, max_length=48, widget=UnfoldAdminTextInputWidget
    )
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Site"), required=False, widget=UnfoldAdminSelectWidget
    )
    max_uses = forms.IntegerField(
        label=_("Uses"), initial=1, min_value=1, max_value=100_000, widget=UnfoldAdminIntegerFieldWidget
    )
    hours = forms.IntegerField(
        label=_("Good for (hours)"),
        initial=24,
        min_value=1,
        max_value=8760,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reissue = forms.BooleanField(
        label=_("May replace the credentials of a registered charge point"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, data: Any, user: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        sites: Any = self.fields["site"]
        sites.queryset = visible(Site.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]


def issue_token(request: HttpRequest, values: dict[str, Any]) -> Secret:
    """Issue one and audit it. Raises Invalid."""
    user: Any = request.user
    moment_now = timezone.now()
    token, secret = enrolment_token_issue(
        organization=values.get("organization") or user.organization,
        cp_id=values["cp_id"],
        prefix=values.get("id_prefix", ""),
        max_uses=values["max_uses"],
        lifetime=timedelta(hours=values["hours"]),
        reissue=values["reissue"],
        site=values["site"],
        created_by=user,
        now=moment_now,
    )
    audit_record(
        actor=user,
        action="enrolment_token.issued",
        organization_id=token.organization_id,
        object_type="enrolment_token",
        object_id=str(token.pk),
        after={"scope": str(token), "uses": token.max_uses, "reissue": token.reissue},
        remote_address=remote_address(request),
        now=moment_now,
    )
    zone = token.organization.time_zone
    facts = {
        _t("For"): str(token),
        _t("Uses"): token.max_uses,
        _t("Good until"): moment(token.expires_at, zone),
    }
    return Secret(_t("Enrolment token"), secret, facts, str(USAGE))


def _revoke(request: HttpRequest, obj: EnrolmentToken, values: dict[str, Any]) -> str:
    enrolment_token_revoke(token=obj, now=timezone.now())
    return _t("The token is revoked.")


@admin.register(EnrolmentToken)
class EnrolmentTokenAdmin(MakingAdmin, HistoryStoryAdmin):
    """Tokens with their state; the secret itself is never shown again."""

    list_display = ("scope", "state", "used", "site", "expires", "created_by")
    list_select_related = ("organization", "site", "created_by")
    search_fields = ("cp_id", "prefix")
    empty_text = _(
        "With a token a charge point enrols itself over the registry API and gets its own credential."
    )
    object_actions = (
        ObjectAction(
            slug="revoke",
            label=_("Revoke"),
            explain=_("Ends the token at once. Charge points that used it stay registered."),
            right=Right.ENROL,
            run=_revoke,
            hindrance=lambda obj: _t("It is revoked already.") if obj.revoked_at else "",
            ask=True,
            danger=True,
            icon="block",
        ),
    )

    making = Making(
        label=_("Issue enrolment token"),
        explain=_("Lets a new charge point register itself."),
        right=Right.ENROL,
        refusal=_("Your role may not enrol charge points."),
        form=EnrolmentTokenForm,
        run=lambda request, form: issue_token(request, form.cleaned_data),
    )

    @display(description=_("for"))
    def scope(self, token: EnrolmentToken) -> str:
        """One id, or a prefix."""
        return str(token)

    @display(description=_("state"))
    def state(self, token: EnrolmentToken) -> SafeString:
        """Whether it still opens anything."""
        if token.revoked_at:
            return badge(_("Revoked"), "mute")
        if token.expires_at <= timezone.now():
            return badge(_("Expired"), "mute")
        return badge(_("Used up"), "info") if token.uses >= token.max_uses else badge(_("Good"), "good")

    @display(description=_("used"))
    def used(self, token: EnrolmentToken) -> str:
        """How many of its uses are gone."""
        return f"{token.uses} / {token.max_uses}"

    @display(description=_("good until"), ordering="expires_at")
    def expires(self, token: EnrolmentToken) -> Any:
        """When it ends."""
        return moment(token.expires_at, token.organization.time_zone)

    def story(self, request: HttpRequest, obj: EnrolmentToken) -> dict[str, Any]:
        """What it is good for, and how far it is used."""
        zone = obj.organization.time_zone
        facts = [
            (_("For"), str(obj)),
            (_("State"), self.state(obj)),
            (_("Used"), self.used(obj)),
            (_("Site"), obj.site or ""),
            (_("May replace credentials"), _("yes") if obj.reissue else _("no")),
            (_("Good until"), moment(obj.expires_at, zone)),
            (_("Made"), age(obj.created_at, timezone.now())),
            (_("By"), obj.created_by or ""),
        ]
        return {"cards": [{"facts": facts}]}
