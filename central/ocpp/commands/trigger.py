"""Trigger: TriggerMessage (1.6 §5.17, 2.x F06), ExtendedTriggerMessage where only it asks (security A02)."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import command, order
from central.ocpp.places import PlaceForm, connector_id, evse
from registry.rights import Right

CERTIFICATE: Final = "SignChargingStationCertificate"
CUSTOM: Final = "CustomTrigger"
_PLAIN_1_6: Final = frozenset(
    {
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
    }
)
_EXTENDED_1_6: Final = {
    "BootNotification": "BootNotification",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "Heartbeat": "Heartbeat",
    "LogStatusNotification": "LogStatusNotification",
    "MeterValues": "MeterValues",
    "StatusNotification": "StatusNotification",
    CERTIFICATE: "SignChargePointCertificate",
}
_WORDS: Final = (
    ("StatusNotification", _("State of a connector (StatusNotification)")),
    ("MeterValues", _("Meter values (MeterValues)")),
    ("TransactionEvent", _("Running transactions (TransactionEvent, 2.x)")),
    ("Heartbeat", _("A sign of life (Heartbeat)")),
    ("BootNotification", _("What it is (BootNotification)")),
    ("FirmwareStatusNotification", _("Firmware update (FirmwareStatusNotification)")),
    ("LogStatusNotification", _("Log upload (LogStatusNotification)")),
    ("DiagnosticsStatusNotification", _("Diagnostics upload (DiagnosticsStatusNotification, 1.6)")),
    ("PublishFirmwareStatusNotification", _("Local firmware (PublishFirmwareStatusNotification, 2.x)")),
    (CERTIFICATE, _("A request for its certificate (SignChargingStationCertificate)")),
    ("SignV2GCertificate", _("A request for its V2G certificate (SignV2GCertificate, 2.x)")),
    ("SignV2G20Certificate", _("The same for ISO 15118-20 (SignV2G20Certificate, 2.1)")),
    ("SignCombinedCertificate", _("One certificate for both (SignCombinedCertificate, 2.x)")),
    (CUSTOM, _("A message of its own (CustomTrigger, 2.1)")),
)


LATER: Final = (
    "TransactionEvent",
    "PublishFirmwareStatusNotification",
    "SignV2GCertificate",
    "SignCombinedCertificate",
)
"""What OCPP 1.6 cannot be asked for."""


class TriggerParams(PlaceForm):
    """Which message, and of what."""

    message = forms.ChoiceField(label=_("What it shall tell"), choices=_WORDS)
    custom = forms.CharField(
        label=_("Its own message"),
        max_length=50,
        required=False,
        help_text=_("Only with CustomTrigger: one of those that the charge point lists in CustomTriggers."),
    )
    extended = forms.BooleanField(
        label=_("By ExtendedTriggerMessage"),
        required=False,
        help_text=_(
            "OCPP 1.6 with the security extension: firmware updates are told with their request's number."
        ),
    )
    field_order = ("message", "evse_number", "connector_number", "custom", "extended")


order(
    "trigger",
    _("Ask for a message"),
    explain=_("Asks the charge point to tell something now that it would tell by itself some time."),
    form=TriggerParams,
    icon="notifications_active",
    later=("connector_number", *(f"message={word}" for word in LATER)),
    newest=("custom", "message=SignV2G20Certificate", f"message={CUSTOM}"),
    oldest=("extended", "message=DiagnosticsStatusNotification"),
    right=Right.SERVICE,
)


@command("trigger", versions=("1.6",))
def build_1_6(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """TriggerMessage where it knows the message, else the extended one. Raises ValueError for neither."""
    message, extended = command.params["message"], command.params.get("extended")
    if message in _PLAIN_1_6 and not extended:
        action, name = "TriggerMessage", message
    elif message in _EXTENDED_1_6:
        action, name = "ExtendedTriggerMessage", _EXTENDED_1_6[message]
    else:
        raise ValueError(f"OCPP 1.6 cannot ask for {message}.")
    request: dict[str, Any] = {"requestedMessage": name}
    if command.params.get("evse_number"):
        request["connectorId"] = connector_id(command.params)
    return action, request


@command("trigger", versions=("2.0.1", "2.1"))
def build_2(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; states are asked for by connector (F06.FR.13). Raises ValueError without a name."""
    message, place = command.params["message"], evse(command.params)
    request: dict[str, Any] = {"requestedMessage": message}
    if message == "StatusNotification":
        if place is None:
            raise ValueError("OCPP 2.x tells the state of one connector: name its EVSE.")
        place = {"connectorId": 1} | place
    if message == CUSTOM:
        if not command.params.get("custom"):
            raise ValueError("Name the charge point's own message.")
        request["customTrigger"] = command.params["custom"]
    return "TriggerMessage", request | ({"evse": place} if place else {})
