"""Forms of certificate authorities: a new one, and how one signs from now on."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from central.models import CertificateAuthority
from central.models.certificate_authority import AuthorityUse, Padding
from central.services.certificate_making import KEY_CHOICES
from registry.admin.base import visible
from registry.models import Organization

IMPORT: Final = "import"


class KeyTypesField(forms.TypedChoiceField):
    """Which keys of charge points an authority signs: a list of types."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Keys that it signs"),
            choices=[("RSA,EC", _("RSA and elliptic curves")), ("EC", _("elliptic curves")), ("RSA", "RSA")],
            coerce=lambda chosen: chosen.split(",") if isinstance(chosen, str) else chosen,
            widget=UnfoldAdminSelectWidget,
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        """The stored list as one of the choices."""
        return ",".join(value) if isinstance(value, list) else value


class AuthorityForm(forms.Form):
    """A new authority: how it signs, and whether its key is made here or comes along."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Organisation"), widget=UnfoldAdminSelectWidget
    )
    name = forms.CharField(
        label=_("Name"), max_length=64, widget=UnfoldAdminTextInputWidget, initial=_("Charging CA")
    )
    use = forms.ChoiceField(
        label=_("Signs for"), choices=AuthorityUse.choices, widget=UnfoldAdminSelectWidget
    )
    subject_organization = forms.CharField(
        label=_("Organisation name in certificates (O)"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("What charge points have as CpoName (1.6) or OrganizationName (2.x). Empty: your name."),
    )
    key_choice = forms.ChoiceField(
        label=_("Key"),
        choices=[(each, each) for each in KEY_CHOICES] + [(IMPORT, _("none: import one below"))],
        widget=UnfoldAdminSelectWidget,
    )
    certificates_pem = forms.CharField(
        label=_("Import: certificate and those above it (PEM)"),
        required=False,
        max_length=40_000,
        widget=UnfoldAdminTextareaWidget,
    )
    private_key_pem = forms.CharField(
        label=_("Import: private key (PEM)"),
        required=False,
        max_length=10_000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_(
            "Stored encrypted, never shown again. Without it the authority only proves certificates."
        ),
    )
    passphrase = forms.CharField(
        label=_("Import: passphrase of the key"), required=False, widget=UnfoldAdminPasswordWidget
    )
    validity_days = forms.IntegerField(
        label=_("Certificates are valid for (days)"),
        initial=365,
        min_value=1,
        max_value=3650,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    renew_days = forms.IntegerField(
        label=_("Renewal is due before the end (days)"),
        initial=30,
        min_value=1,
        max_value=365,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    renew_automatically = forms.BooleanField(
        label=_("Ask charge points to renew when it is due"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    key_types = KeyTypesField()
    padding = forms.ChoiceField(
        label=_("RSA signatures"), choices=Padding.choices, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be changed later: how it signs from now on."""

    key_types = KeyTypesField()

    class Meta:
        model = CertificateAuthority
        fields = (
            "name",
            "subject_organization",
            "validity_days",
            "renew_days",
            "renew_automatically",
            "key_types",
            "padding",
        )
