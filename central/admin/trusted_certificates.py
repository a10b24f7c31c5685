"""Trusted certificates: foreign CAs for charge points' trust stores, and to judge contracts by."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.models import TrustedCertificate
from central.services.authorities import trusted_fill
from emobility.lib.display import badge, code, moment
from emobility.lib.errors import Invalid
from registry.admin.filters import OrganizationFilter
from registry.admin.story import StoryAdmin


class TrustedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name, what for, and the certificate."""

    class Meta:
        model = TrustedCertificate
        fields = ("organization", "name", "certificate_type", "certificate_pem")

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where it is not one CA certificate."""
        values: dict[str, Any] = super().clean() or {}
        if "certificate_pem" not in values:
            return values
        self.instance.certificate_pem = values["certificate_pem"]
        try:
            trusted_fill(self.instance)
        except Invalid as error:
            raise forms.ValidationError({"certificate_pem": error.message}) from error
        values["certificate_pem"] = self.instance.certificate_pem
        return values


@admin.register(TrustedCertificate)
class TrustedCertificateAdmin(StoryAdmin):
    """Roots of car makers, contract providers and manufacturers."""

    form = TrustedForm
    fields = ("organization", "name", "certificate_type", "certificate_pem")
    list_display = ("name", "certificate_type", "subject", "ends")
    list_filter = ("certificate_type", OrganizationFilter)
    list_select_related = ("organization",)
    search_fields = ("name", "subject", "fingerprint")
    empty_text = _("Add the roots that you install, or that cars and contracts are checked against.")

    @display(description=_("valid until"), ordering="not_after")
    def ends(self, row: TrustedCertificate) -> Any:
        """When it ends."""
        return moment(row.not_after, row.organization.time_zone)

    def story(self, request: HttpRequest, obj: TrustedCertificate) -> dict[str, Any]:
        """What it is, and its PEM."""
        over = obj.not_after <= timezone.now()
        facts = [
            (_("For"), obj.get_certificate_type_display()),
            (_("Subject"), obj.subject),
            (_("Valid until"), moment(obj.not_after, obj.organization.time_zone)),
            (_("Fingerprint (SHA-256)"), code(obj.fingerprint)),
        ]
        pem = format_html('<pre class="em-json" tabindex="0">{}</pre>', obj.certificate_pem)
        return {
            "state_badge": badge(_("Expired"), "bad") if over else badge(_("Trusted"), "good"),
            "cards": [
                {"title": _("Certificate"), "facts": facts},
                {"title": _("PEM"), "body": pem},
            ],
        }
