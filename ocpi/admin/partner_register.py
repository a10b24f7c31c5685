"""The page that registers a partner: by a token of ours, or by theirs with each step shown."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from emobility.lib.errors import DomainError
from ocpi.admin.handshakes import steps_of
from ocpi.core.errors import EndpointsMissing, MethodRefused, PeerUnusable, VersionUnsupported
from ocpi.core.routing import new_id
from ocpi.core.versions import SUPPORTED
from ocpi.models import Exchange, Partner
from ocpi.models.partner import TokenForm
from ocpi.services.handshake import partner_register
from registry.admin.actions import object_url
from registry.admin.base import visible
from registry.models import Organization
from registry.rights import Right, may

HINTS = (
    (VersionUnsupported, _("Choose another version, or ask the partner which ones it speaks.")),
    (EndpointsMissing, _("The partner has to publish its credentials endpoint.")),
    (MethodRefused, _("End the registration that there is first.")),
    (
        PeerUnusable,
        _("Look at the step that failed below. A refused token: ask for a new one, each works once."),
    ),
)


class RegisterForm(forms.Form):
    """Where the partner is, its token, and how to speak with it."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Organisation"), widget=UnfoldAdminSelectWidget
    )
    versions_url = forms.CharField(
        label=_("Versions URL"), max_length=255, widget=UnfoldAdminTextInputWidget(attrs={"type": "url"})
    )
    token_a = forms.CharField(
        label=_("Token (credentials token A)"),
        max_length=64,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    version = forms.ChoiceField(
        label=_("OCPI version"),
        required=False,
        choices=[("", _("the newest that both speak")), *((name, name) for name in SUPPORTED)],
        widget=UnfoldAdminSelectWidget,
    )
    role = forms.ChoiceField(
        label=_("Our role (2.1.1 only)"),
        required=False,
        choices=[("", _("the one that we have")), ("CPO", "CPO"), ("EMSP", "eMSP")],
        widget=UnfoldAdminSelectWidget,
    )
    token_form = forms.ChoiceField(
        label=_("Our token is sent"),
        required=False,
        choices=[("", _("as the version has it")), *TokenForm.choices],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]


class RegisteringAdmin:
    """Instead of an empty form, adding a partner is registering with it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Those who manage partners."""
        return may(request.user, Right.MANAGE)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask, register, show the partner; where that fails, each step and what would help."""
        if not self.has_add_permission(request):
            raise PermissionDenied(_t("Your role may not register partners."))
        posted = request.method == "POST"
        form = RegisterForm(request.POST if posted else None, request.user)
        if not posted or not form.is_valid():
            return _page(self, request, form)
        handshake = new_id()
        try:
            partner = _register(request, form.cleaned_data, handshake)
        except DomainError as error:
            rows = Exchange.objects.filter(handshake=handshake)
            told = {"error": error, "hint": _hint(error), "steps": steps_of(rows)}
            return _page(self, request, form, told)
        messages.success(request, _t("Registered. Each step is shown below."))
        return HttpResponseRedirect(f"{object_url(partner)}#card-registration")


def _register(request: HttpRequest, values: dict[str, Any], handshake: str) -> Partner:
    user: Any = request.user
    return partner_register(
        organization=values.get("organization") or user.organization,
        versions_url=values["versions_url"].strip(),
        token_a=values["token_a"].strip(),
        token_form=values["token_form"],
        version=values["version"] or None,
        role=values["role"],
        handshake=handshake,
        actor=user,
        now=timezone.now(),
    )


def _hint(error: DomainError) -> Any:
    return next((words for kind, words in HINTS if isinstance(error, kind)), "")


def _page(
    admin: Any, request: HttpRequest, form: RegisterForm, told: dict[str, Any] | None = None
) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "title": _t("Register a partner"),
        "opts": admin.opts,
        "form": form,
        "issue_url": reverse("admin:ocpi_bootstraptoken_add"),
        "back": reverse("admin:ocpi_partner_changelist"),
        **(told or {}),
    }
    status = told["error"].status if told else 200
    return TemplateResponse(request, "admin/ocpi/register.html", context, status=status)
