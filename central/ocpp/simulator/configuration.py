"""The settings that Central can read and change on a simulated charge point, under both versions' names."""

from central.ocpp.simulator.options import Options

READ_ONLY = frozenset({"NumberOfConnectors", "SupportedFeatureProfiles", "ItemsPerMessageGetVariables"})
NUMBERS = frozenset(
    {
        "HeartbeatInterval",
        "MeterValueSampleInterval",
        "ConnectionTimeOut",
        "TxUpdatedInterval",
        "WebSocketPingInterval",
    }
)
SHORTEST = 1


class Configuration:
    """Names and values as text; numbers stay numbers, some names cannot be changed."""

    def __init__(self, options: Options) -> None:
        interval = str(max(SHORTEST, round(options.meter_interval)))
        self._values = {"HeartbeatInterval": "300"}
        if options.version == "1.6":
            self._values |= {
                "MeterValueSampleInterval": interval,
                "NumberOfConnectors": str(options.connectors),
                "AuthorizeRemoteTxRequests": "false",
                "ConnectionTimeOut": "60",
                "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import",
                "SupportedFeatureProfiles": "Core,RemoteTrigger",
            }
        else:
            self._values |= {
                "TxUpdatedInterval": interval,
                "AuthorizeRemoteStart": "false",
                "WebSocketPingInterval": "20",
                "ItemsPerMessageGetVariables": "50",
            }

    def all(self) -> dict[str, str]:
        """A copy of everything."""
        return dict(self._values)

    def set(self, name: str, value: str) -> bool:
        """Change one value; False where it is unknown, read-only or no number."""
        if name not in self._values or name in READ_ONLY:
            return False
        if name in NUMBERS and not value.isdigit():
            return False
        self._values[name] = value
        return True

    def seconds(self, *names: str) -> float | None:
        """The first of `names` that is a number above zero."""
        for name in names:
            value = self._values.get(name, "")
            if value.isdigit() and int(value) > 0:
                return float(value)
        return None
