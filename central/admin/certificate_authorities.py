"""Certificate authorities: made or brought along here, downloaded from here, never their keys."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.authority_forms import IMPORT, AuthorityForm, PolicyForm
from central.models import CertificateAuthority, IssuedCertificate
from central.services.authorities import (
    Policy,
    authority_generate,
    authority_import,
    authority_retire,
)
from emobility.lib.display import badge, code, link, moment
from registry.admin.actions import ObjectAction
from registry.admin.filters import OrganizationFilter
from registry.admin.making import Making, MakingAdmin
from registry.admin.story import StoryAdmin
from registry.rights import Right


def authority_add(request: HttpRequest, values: dict[str, Any]) -> CertificateAuthority:
    """Make or import what the form says. Raises Invalid, Conflict."""
    user: Any = request.user
    names = ("name", "use", "subject_organization", "validity_days", "renew_days", "renew_automatically")
    policy = Policy(
        **{name: values[name] for name in names}, key_types=values["key_types"], padding=values["padding"]
    )
    common: dict[str, Any] = {
        "organization": values.get("organization") or user.organization,
        "policy": policy,
        "actor": user,
        "now": timezone.now(),
    }
    if values["key_choice"] != IMPORT:
        return authority_generate(key_choice=values["key_choice"], **common)
    return authority_import(
        certificates_pem=values["certificates_pem"],
        private_key_pem=values["private_key_pem"],
        passphrase=values["passphrase"],
        **common,
    )


def _retire(request: HttpRequest, obj: CertificateAuthority, values: dict[str, Any]) -> str:
    user: Any = request.user
    authority_retire(authority=obj, actor=user, now=timezone.now())
    return _t("The authority signs nothing more. What it signed stays good.")


@admin.register(CertificateAuthority)
class CertificateAuthorityAdmin(MakingAdmin, StoryAdmin):
    """The authorities that sign for charge points."""

    form = PolicyForm
    fields = PolicyForm.Meta.fields
    list_display = ("name", "use", "state", "key_kind", "ends", "issued_count")
    list_filter = ("use", OrganizationFilter)
    list_select_related = ("organization",)
    search_fields = ("name", "fingerprint")
    empty_text = _(
        "Without an authority, charge points' signing requests are refused. Make one: it takes a click."
    )
    object_actions = (
        ObjectAction(
            slug="retire",
            label=_("Retire"),
            explain=_("It signs nothing more. Certificates that it signed stay good until they end."),
            right=Right.MANAGE,
            run=_retire,
            hindrance=lambda obj: "" if obj.signs else _t("It does not sign."),
            ask=True,
            danger=True,
            icon="block",
        ),
    )

    def get_urls(self) -> list[Any]:
        """The certificate as a file."""
        view = self.admin_site.admin_view(self.download)
        name = "central_certificateauthority_pem"
        return [path("<path:object_id>/certificate.pem", view, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The CA certificate and those above it as PEM: what goes into charge points and proxies."""
        found = self.get_object(request, object_id)
        if found is None or not self.has_view_permission(request):
            raise Http404
        response = HttpResponse(
            found.certificate_pem + found.chain_pem, content_type="application/x-pem-file"
        )
        response["Content-Disposition"] = f'attachment; filename="ca-{found.pk}.pem"'
        return response

    making = Making(
        label=_("Add certificate authority"),
        explain=_("It signs the certificates of charge points. One that did so until now is retired."),
        right=Right.MANAGE,
        refusal=_("Your role may not add certificate authorities."),
        form=AuthorityForm,
        run=lambda request, form: authority_add(request, form.cleaned_data),
    )

    @display(description=_("state"))
    def state(self, row: CertificateAuthority) -> SafeString:
        """Whether it signs."""
        if row.not_after <= timezone.now():
            return badge(_("Expired"), "bad")
        if row.signs:
            return badge(_("Signs"), "good")
        return badge(_("Retired"), "mute") if row.has_key else badge(_("Proves only"), "info")

    @display(description=_("valid until"), ordering="not_after")
    def ends(self, row: CertificateAuthority) -> Any:
        """When it ends."""
        return moment(row.not_after, row.organization.time_zone)

    @display(description=_("certificates"))
    def issued_count(self, row: CertificateAuthority) -> Any:
        """What it signed."""
        url = reverse("admin:central_issuedcertificate_changelist")
        return link(f"{url}?authority__id__exact={row.pk}", _("show"))

    def story(self, request: HttpRequest, obj: CertificateAuthority) -> dict[str, Any]:
        """What it is, how it signs, what it signed."""
        zone = obj.organization.time_zone
        pem = reverse("admin:central_certificateauthority_pem", args=[obj.pk])
        count = IssuedCertificate.objects.filter(authority=obj).count()
        facts = [
            (_("Signs for"), obj.get_use_display()),
            (_("Key"), obj.key_kind),
            (_("Valid"), moment(obj.not_before, zone)),
            (_("Until"), moment(obj.not_after, zone)),
            (_("Fingerprint (SHA-256)"), code(obj.fingerprint)),
            (_("CA certificate"), link(pem, _("download PEM"))),
        ]
        policy = [
            (_("Organisation name (O)"), obj.subject_organization),
            (_("Certificates are valid for"), _("{days} days").format(days=obj.validity_days)),
            (_("Renewal due before the end"), _("{days} days").format(days=obj.renew_days)),
            (_("Asks charge points to renew"), _("yes") if obj.renew_automatically else _("no")),
            (_("Signs keys"), ", ".join(obj.key_types)),
            (_("RSA signatures"), obj.get_padding_display()),
            (_("Signed so far"), str(count)),
        ]
        return {
            "state_badge": self.state(obj),
            "cards": [
                {"title": _("Authority"), "width": "em-w6", "facts": facts},
                {"title": _("How it signs"), "width": "em-w6", "facts": policy},
            ],
        }
