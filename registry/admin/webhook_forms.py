"""Forms of webhooks: what an endpoint is to be, and from when on it is to be sent everything again."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from registry.admin.base import visible
from registry.admin.dress import dressed
from registry.models import ChargePoint, ChargePointGroup, Organization, Site, WebhookEndpoint
from registry.services.webhook_endpoints import Wish

KINDS_HELP = _("One a line: session.ended, session.*, or * for all. The page docs/events.md lists the kinds.")


class WebhookForm(forms.Form):
    """Name, address, what is wanted, own headers."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=_("Organisation"))
    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(label=_("URL"), max_length=500, help_text=_("https, reachable from here."))
    kinds = forms.CharField(
        label=_("Kinds"), initial="*", widget=forms.Textarea({"rows": 4}), help_text=KINDS_HELP
    )
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        label=_("Only of sites"),
        required=False,
        help_text=_("Without sites, groups and charge points: of all of them."),
    )
    groups = forms.ModelMultipleChoiceField(
        ChargePointGroup.objects.none(), label=_("Only of groups"), required=False
    )
    charge_points = forms.CharField(
        label=_("Only of charge points"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Charge point ids, one a line."),
    )
    headers = forms.CharField(
        label=_("Own headers"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line, as Name: value. They are kept encrypted and not shown again."),
    )

    def __init__(self, data: Any, user: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.user = user
        for name, model in (("organization", Organization), ("sites", Site), ("groups", ChargePointGroup)):
            field: Any = self.fields[name]
            field.queryset = visible(model.objects.all(), user)
            if name != "organization" and not field.queryset.exists():
                del self.fields[name]
        if not user.sees_all or initial is not None:
            del self.fields["organization"]
        dressed(self)

    def clean_charge_points(self) -> list[ChargePoint]:
        """The rows of the ids."""
        wanted = {line.strip() for line in self.cleaned_data["charge_points"].splitlines() if line.strip()}
        rows = list(visible(ChargePoint.objects.filter(cp_id__in=wanted), self.user))
        unknown = sorted(wanted - {row.cp_id for row in rows})
        if unknown:
            raise forms.ValidationError(_t("Not known: {ids}.").format(ids=", ".join(unknown[:10])))
        return rows

    def clean_headers(self) -> dict[str, str] | None:
        """Name to value; None where nothing was written."""
        headers = {}
        for line in filter(None, map(str.strip, self.cleaned_data["headers"].splitlines())):
            name, colon, value = line.partition(":")
            if not colon:
                raise forms.ValidationError(_t("Write each header as Name: value."))
            headers[name.strip()] = value.strip()
        return headers or None

    def wish(self) -> Wish:
        """What was written."""
        given = self.cleaned_data
        return Wish(
            name=given["name"],
            url=given["url"],
            kinds=given["kinds"].split(),
            sites=list(given.get("sites", ())),
            groups=list(given.get("groups", ())),
            charge_points=given["charge_points"],
            headers={} if given.get("drop_headers") else given["headers"],
            is_active=given.get("is_active", True),
        )


class WebhookChangeForm(WebhookForm):
    """The same, with what is set filled in; headers stay as they are where none are written."""

    drop_headers = forms.BooleanField(label=_("Drop the own headers"), required=False)
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("Events of the time while it is off are not sent, unless you replay them."),
    )

    def __init__(self, data: Any, user: Any, endpoint: WebhookEndpoint) -> None:
        super().__init__(data, user, initial=_as_is(endpoint))


def _as_is(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "name": endpoint.name,
        "url": endpoint.url,
        "kinds": "\n".join(endpoint.kinds),
        "sites": list(endpoint.sites.all()),
        "groups": list(endpoint.groups.all()),
        "charge_points": "\n".join(endpoint.charge_points.values_list("cp_id", flat=True)),
        "is_active": endpoint.is_active,
    }


class ReplayForm(forms.Form):
    """From when on."""

    since = forms.DateTimeField(
        label=_("From (UTC)"), help_text=_("All that fits from then on is sent again, with the same ids.")
    )

    def __init__(self, data: Any, request: Any, obj: Any) -> None:
        super().__init__(data)
        dressed(self)
