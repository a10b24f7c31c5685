"""The settings that Central can read and change on a simulated charge point, under both versions' names."""

from dataclasses import dataclass
from typing import Any, Final

from central.ocpp.simulator.options import Options

SHORTEST = 1
MEASURANDS: Final = "Energy.Active.Import.Register,Power.Active.Import,SoC"


@dataclass(slots=True)
class Setting:
    """One setting; `component` is empty in 1.6. Numbers stay within their limits, choices in their list."""

    name: str
    value: str
    component: str = ""
    instance: str = ""
    kind: str = "string"
    unit: str = ""
    lowest: int | None = None
    highest: int | None = None
    choices: str = ""
    writable: bool = True

    @property
    def key(self) -> str:
        """What tells settings apart, without regard to case."""
        return setting_key(self.component, self.name, self.instance)

    def takes(self, value: str) -> bool:
        """Whether the value may be set."""
        if not self.writable:
            return False
        if self.kind == "integer":
            return value.isdecimal() and self._within(int(value))
        if self.kind == "boolean":
            return value in {"true", "false"}
        allowed = set(self.choices.split(","))
        return not self.choices or {part.strip() for part in value.split(",")} <= allowed

    def entry(self) -> dict[str, Any]:
        """The setting as an entry of NotifyReport (2.x B07)."""
        limits = {"unit": self.unit, "minLimit": self.lowest, "maxLimit": self.highest}
        traits: dict[str, Any] = {"dataType": self.kind, "supportsMonitoring": False}
        traits |= {name: limit for name, limit in limits.items() if limit not in (None, "")}
        if self.choices:
            traits["valuesList"] = self.choices
        variable = {"name": self.name} | ({"instance": self.instance} if self.instance else {})
        mutability = "ReadWrite" if self.writable else "ReadOnly"
        return {
            "component": {"name": self.component},
            "variable": variable,
            "variableAttribute": [{"value": self.value, "mutability": mutability, "persistent": True}],
            "variableCharacteristics": traits,
        }

    def _within(self, number: int) -> bool:
        return (self.lowest or 0) <= number and (self.highest is None or number <= self.highest)


def setting_key(component: str, name: str, instance: str = "") -> str:
    """The key of a setting by its names."""
    return "\n".join((component, name, instance)).lower()


class Configuration:
    """The settings of one charge point."""

    def __init__(self, options: Options) -> None:
        interval = str(max(SHORTEST, round(options.meter_interval)))
        made = _of_1_6(options, interval) if options.version == "1.6" else _of_2(options, interval)
        self._settings = {setting.key: setting for setting in made}

    def all(self) -> list[Setting]:
        """Every setting."""
        return list(self._settings.values())

    def find(self, component: str, name: str, instance: str = "") -> Setting | None:
        """The setting of that name."""
        return self._settings.get(setting_key(component, name, instance))

    def has_component(self, name: str) -> bool:
        """Whether anything belongs to that component."""
        return any(setting.component.lower() == name.lower() for setting in self.all())

    def set(self, name: str, value: str) -> bool:
        """Change what has that name in whatever component; False where nothing has."""
        setting = self._named(name)
        if setting is None or not setting.takes(value):
            return False
        setting.value = value
        return True

    def seconds(self, *names: str) -> float | None:
        """The first of `names` that is a number above zero."""
        for name in names:
            setting = self._named(name)
            if setting is not None and setting.value.isdigit() and int(setting.value) > 0:
                return float(setting.value)
        return None

    def _named(self, name: str) -> Setting | None:
        return next((setting for setting in self.all() if setting.name == name), None)


def _number(name: str, value: str, component: str = "", unit: str = "s", **more: Any) -> Setting:
    return Setting(name, value, component, kind="integer", unit=unit, **more)


def _switch(name: str, component: str = "", value: str = "false") -> Setting:
    return Setting(name, value, component, kind="boolean")


def _fixed(name: str, value: str, component: str = "", instance: str = "", kind: str = "integer") -> Setting:
    return Setting(name, value, component, instance, kind=kind, writable=False)


def _of_1_6(options: Options, interval: str) -> list[Setting]:
    return [
        _number("HeartbeatInterval", "300"),
        _number("MeterValueSampleInterval", interval),
        _number("ConnectionTimeOut", "60"),
        _number("ResetRetries", "3", unit=""),
        _number("WebSocketPingInterval", "20"),
        _switch("AuthorizeRemoteTxRequests"),
        _switch("LocalPreAuthorize"),
        _switch("StopTransactionOnEVSideDisconnect", value="true"),
        Setting(
            "MeterValuesSampledData", "Energy.Active.Import.Register,Power.Active.Import", choices=MEASURANDS
        ),
        _fixed("NumberOfConnectors", str(options.connectors)),
        _fixed("GetConfigurationMaxKeys", "50"),
        _fixed("SupportedFeatureProfiles", "Core,RemoteTrigger", kind="string"),
    ]


def _of_2(options: Options, interval: str) -> list[Setting]:
    measurands = Setting("TxUpdatedMeasurands", "Energy.Active.Import.Register,Power.Active.Import")
    measurands.component, measurands.kind, measurands.choices = "SampledDataCtrlr", "MemberList", MEASURANDS
    return [
        _number("HeartbeatInterval", "300", "OCPPCommCtrlr"),
        _number("WebSocketPingInterval", "20", "OCPPCommCtrlr"),
        _number("ResetRetries", "3", "OCPPCommCtrlr", unit="", highest=10),
        _number("TxUpdatedInterval", interval, "SampledDataCtrlr"),
        measurands,
        _number("EVConnectionTimeOut", "60", "TxCtrlr"),
        _switch("StopTxOnEVSideDisconnect", "TxCtrlr", "true"),
        _switch("AuthorizeRemoteStart", "AuthCtrlr"),
        _switch("LocalPreAuthorize", "AuthCtrlr"),
        *(
            _fixed("ItemsPerMessage", "50", "DeviceDataCtrlr", each)
            for each in ("GetReport", "GetVariables", "SetVariables")
        ),
        _fixed("Model", options.model, "ChargingStation", kind="string"),
        _fixed("VendorName", options.vendor, "ChargingStation", kind="string"),
    ]
