"""Data transfer: a vendor's own message to the charge point (1.6 §5.6, 2.x P01); kept with its answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import command, order
from central.ocpp.vendor_table import parsed, vendor_request


class DataTransferParams(forms.Form):
    """Whose message, which, and what it says."""

    vendor_id = forms.CharField(
        label=_("Vendor"), max_length=255, help_text=_("As the vendor writes it, like com.example.")
    )
    message = forms.CharField(label=_("Vendor's message"), max_length=50, required=False)
    content = forms.CharField(
        label=_("Data"),
        max_length=100_000,
        required=False,
        widget=forms.Textarea,
        help_text=_("A text, or JSON: OCPP 2.x carries it as such, 1.6 as text."),
    )


order(
    "data_transfer",
    _("Send a vendor message"),
    explain=_(
        "Sends what only this vendor's charge points understand. The answer is kept among vendor messages."
    ),
    form=DataTransferParams,
    group="special",
    icon="extension",
)


@command("data_transfer")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; what looks like a JSON object or list goes out as one in 2.x."""
    params = command.params
    data = params.get("content")
    return vendor_request(
        version, params["vendor_id"], params.get("message", ""), data if version == "1.6" else parsed(data)
    )
