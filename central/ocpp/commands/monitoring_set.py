"""Set a monitor: SetVariableMonitoring (2.x N04; 2.1 N11 with a periodic event stream)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.variable import Source
from central.ocpp.device_model import place_read, place_write
from central.ocpp.intents import answer_of, command, order
from central.ocpp.order_lists import cut_to, names_field
from central.ocpp.severities import SEVERITIES, USUAL
from central.services.configuration_orders import LIST, MONITORING, commands_create
from central.services.device_places import place_of
from central.services.monitors import CUSTOM, Monitor, monitors_record
from central.services.variables import Told, limit_of, variables_record
from registry.models import ChargePoint
from registry.rights import Right

ORDER = "monitoring_set"
TYPES = (
    ("UpperThreshold", _("above a threshold")),
    ("LowerThreshold", _("below a threshold")),
    ("Delta", _("changed by")),
    ("Periodic", _("every so many seconds")),
    ("PeriodicClockAligned", _("every so many seconds of the day")),
    ("TargetDelta", _("differs from its target by (OCPP 2.1)")),
    ("TargetDeltaRelative", _("differs from its target by a share (OCPP 2.1)")),
)


class MonitorParams(forms.Form):
    """The same monitor for one variable or several."""

    variables = names_field(
        label=_("Names"), help_text=_("One a line, like 1:EVSE.Temperature: each gets this monitor.")
    )
    type = forms.ChoiceField(label=_("Tell when"), choices=TYPES)
    value = forms.FloatField(
        label=_("Value"), help_text=_("Threshold, difference or seconds; 1 for anything but numbers.")
    )
    severity = forms.TypedChoiceField(label=_("Severity"), choices=SEVERITIES, coerce=int, initial=USUAL)
    transaction = forms.BooleanField(label=_("Only during transactions"), required=False)
    monitor_id = forms.IntegerField(
        label=_("Replaces monitor"), min_value=0, required=False, help_text=_("Its number; new where empty.")
    )
    stream_interval = forms.IntegerField(
        label=_("Stream: seconds"),
        min_value=0,
        required=False,
        help_text=_("OCPP 2.1: send values as a stream, every so many seconds"),
    )
    stream_values = forms.IntegerField(
        label=_("Stream: values"),
        min_value=1,
        required=False,
        help_text=_("or as soon as there are so many."),
    )

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where a monitor shall replace another on several variables."""
        asked = super().clean() or {}
        if asked.get("monitor_id") is not None and len(asked.get("variables") or []) > 1:
            raise forms.ValidationError({"monitor_id": _("A monitor belongs to one variable.")})
        return asked


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it, as several where the charge point takes fewer monitors at once (N04.FR.09)."""
    limit = limit_of(charge_point.pk, MONITORING, "SetVariableMonitoring")
    return commands_create(charge_point=charge_point, order=ORDER, params=params, limit=limit, **common)


order(
    ORDER,
    _("Set monitor"),
    explain=_("The charge point watches variables by itself and tells when something happens."),
    form=MonitorParams,
    group="monitoring",
    icon="add_alert",
    create=create,
    again=True,
    newest=("stream_interval", "stream_values", "type=TargetDelta", "type=TargetDeltaRelative"),
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for what 2.0.1 lacks, or more than it takes at once."""
    params = command.params
    _check(version, params)
    cut_to(limit_of(command.charge_point_id, MONITORING, "SetVariableMonitoring"), params[LIST])
    common = {key: params[key] for key in ("type", "value", "severity")}
    if params.get("monitor_id") is not None:
        common["id"] = params["monitor_id"]
    if params.get("transaction"):
        common["transaction"] = True
    if stream := _stream(params):
        common["periodicEventStream"] = stream
    data = [place_write(place_of(item, version)) | common for item in params[LIST]]
    return "SetVariableMonitoring", {"setMonitoringData": data}


@answer_of("SetVariableMonitoring", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the monitors that were accepted; unknown names are remembered; True where all were accepted."""
    wanted = {_address(each): each for each in request["setMonitoringData"]}
    pairs = [(wanted.get(_address(each)), each) for each in answer["setMonitoringResult"]]
    taken = [
        _monitor(asked, result)
        for asked, result in pairs
        if asked is not None and result["status"] == "Accepted" and ("id" in result or "id" in asked)
    ]
    monitors_record(charge_point_id=command.charge_point_id, monitors=taken, now=now)
    unknown = [
        Told(place=place_read(result), word=result["status"])
        for _asked, result in pairs
        if result["status"].startswith("Unknown")
    ]
    variables_record(charge_point_id=command.charge_point_id, told=unknown, source=Source.SET, now=now)
    return all(result["status"] == "Accepted" for _asked, result in pairs)


def _check(version: str, params: dict[str, Any]) -> None:
    if version != "2.1" and (_stream(params) or params["type"].startswith("TargetDelta")):
        raise ValueError("OCPP 2.0.1 has neither event streams nor monitors of targets.")


def _stream(params: dict[str, Any]) -> dict[str, int]:
    parts = {"interval": params.get("stream_interval"), "values": params.get("stream_values")}
    return {name: value for name, value in parts.items() if value is not None}


def _address(each: dict[str, Any]) -> tuple[str, str, int]:
    """There are no two monitors of one type and severity on a variable (N04.FR.10)."""
    return place_read(each).key, each["type"], int(each["severity"])


def _monitor(asked: dict[str, Any], result: dict[str, Any]) -> Monitor:
    stream = asked.get("periodicEventStream") or {}
    return Monitor(
        number=int(result.get("id", asked.get("id", 0))),
        place=place_read(asked),
        monitor_type=asked["type"],
        value=float(asked["value"]),
        severity=int(asked["severity"]),
        transaction=asked.get("transaction", False),
        origin=CUSTOM,
        stream_interval=stream.get("interval"),
        stream_values=stream.get("values"),
    )
