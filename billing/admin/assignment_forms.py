"""The form that puts a tariff in force: where, for whom, from when until when."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from billing.admin.tariff_forms import ZonedForm
from billing.models import Tariff
from billing.selectors.named import connector_named
from central.models import Connector, IdTokenGroup
from registry.admin.base import visible
from registry.models import ChargePoint, Organization, Party, Site


class AssignForm(ZonedForm):
    """Where a tariff applies, for whom, and from when until when."""

    def __init__(self, data: Any, organization: Organization | None, user: Any) -> None:
        super().__init__(data, organization)
        self.user = user
        owned = {"organization": organization} if organization is not None else {}
        own: dict[str, forms.Field] = {
            "site": _choice(_("Site"), visible(Site.objects.filter(**owned), user)),
            "charge_point": _choice(_("Charge point"), visible(ChargePoint.objects.filter(**owned), user)),
            "connector": _line(_("Connector"), _("Charge point, EVSE and connector, like CP-1/1/1.")),
            "token_group": _choice(
                _("Only for tags of the group"), visible(IdTokenGroup.objects.filter(**owned), user)
            ),
            "party": _choice(
                _("Only for tags of the partner"),
                visible(Party.objects.filter(is_own=False, **owned), user),
            ),
        }
        own["site"].help_text = _(
            "Choose a site, a charge point or a connector; leave all three empty for the whole organisation."
        )
        own["token_group"].help_text = _("Leave both empty for everybody. A group goes before a partner.")
        self.fields = own | self.fields
        self.fields["valid_until"] = forms.DateTimeField(
            label=_("Until"),
            required=False,
            widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
            help_text=_("Empty means until somebody ends it."),
        )

    def clean_connector(self) -> Connector | None:
        """The connector. Raise ValidationError for an unknown one."""
        text = str(self.cleaned_data["connector"]).strip()
        if not text:
            return None
        found = connector_named(text, self.user)
        if found is None:
            raise forms.ValidationError(_("There is no such connector; write CP-1/1/1."))
        return found

    def clean_valid_until(self) -> datetime | None:
        """The moment, in the organisation's zone."""
        value: datetime | None = self.cleaned_data["valid_until"]
        return value.replace(tzinfo=ZoneInfo(self.zone)) if value is not None else None


class NewAssignmentForm(AssignForm):
    """The same with the tariff to choose."""

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data, user.organization, user)
        tariffs = visible(Tariff.objects.select_related("organization"), user)
        self.fields = {
            "tariff": forms.ModelChoiceField(tariffs, label=_("Tariff"), widget=UnfoldAdminSelectWidget)
        } | self.fields


def _choice(label: Any, rows: Any) -> forms.Field:
    return forms.ModelChoiceField(rows, label=label, required=False, widget=UnfoldAdminSelectWidget)


def _line(label: Any, help_text: Any) -> forms.Field:
    return forms.CharField(
        label=label,
        required=False,
        max_length=300,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget,
    )
