"""What the pages of service accounts ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.admin.base import visible
from registry.admin.dress import dressed
from registry.models import Organization, ServiceAccount
from registry.models.service_account import KeyKind
from registry.models.user import Role
from registry.rights import Right

MOST_DAYS = 3650


def scope_choices() -> list[tuple[str, str]]:
    """The scopes with what they allow; the platform's own right is for people only."""
    return [(right.value, f"{right.value}: {right.label}") for right in Right if right is not Right.PLATFORM]


class RightsForm(forms.Form):
    """Role and scopes."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.SERVICE,
        help_text=_("The most it could do; 'service' also opens /api/internal."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=scope_choices,
        required=False,
        help_text=_("What it may do of that. Without any it may do nothing."),
    )

    def __init__(self, data: Any, account: ServiceAccount | None = None) -> None:
        initial = {"role": account.role, "scopes": account.scopes} if account else None
        super().__init__(data, initial=initial)
        dressed(self)


class ServiceAccountForm(RightsForm):
    """A new account."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=_("Organisation"))
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("What it is for, such as 'CMS'."))
    field_order = ("organization", "name", "role", "scopes")

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]


class KeyForm(forms.Form):
    """A new key."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KeyKind.choices, initial=KeyKind.BEARER)
    label = forms.CharField(label=_("Label"), max_length=60, required=False)
    days = forms.IntegerField(
        label=_("Good for (days)"),
        required=False,
        initial=365,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Empty: until it is revoked."),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        dressed(self)


class ChooseKeyForm(forms.Form):
    """One of the account's live keys."""

    key = forms.ModelChoiceField(ServiceAccount.objects.none(), label=_("Key"))

    def __init__(self, data: Any, account: Any) -> None:
        super().__init__(data)
        chosen: Any = self.fields["key"]
        chosen.queryset = account.keys.filter(revoked_at=None)
        dressed(self)


class RotateForm(ChooseKeyForm):
    """With the time for which both keys are good."""

    hours = forms.IntegerField(
        label=_("The old one ends after (hours)"), initial=24, min_value=0, max_value=24 * 30
    )


class TokenForm(forms.Form):
    """How long an access token lives."""

    hours = forms.IntegerField(label=_("Good for (hours)"), initial=24, min_value=1, max_value=168)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        dressed(self)
