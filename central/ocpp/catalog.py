"""Which actions OCPP knows, by version and direction (1.6 with its security extension, 2.0.1, 2.1)."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

VERSIONS: Final = ("1.6", "2.0.1", "2.1")
SUBPROTOCOLS: Final = {"ocpp2.1": "2.1", "ocpp2.0.1": "2.0.1", "ocpp1.6": "1.6"}
_FOLDERS: Final = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}

_ALL: Final = {
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "SecurityEventNotification",
    "SignCertificate",
    "StatusNotification",
}
_FROM_2_0_1: Final = _ALL | {
    "ClearedChargingLimit",
    "Get15118EVCertificate",
    "GetCertificateStatus",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "TransactionEvent",
}
FROM_CHARGE_POINT: Final[dict[str, frozenset[str]]] = {
    "1.6": frozenset(
        _ALL
        | {
            "DiagnosticsStatusNotification",
            "SignedFirmwareStatusNotification",
            "StartTransaction",
            "StopTransaction",
        }
    ),
    "2.0.1": frozenset(_FROM_2_0_1),
    "2.1": frozenset(
        _FROM_2_0_1
        | {
            "BatterySwap",
            "ClosePeriodicEventStream",
            "GetCertificateChainStatus",
            "NotifyDERAlarm",
            "NotifyDERStartStop",
            "NotifyPeriodicEventStream",
            "NotifyPriorityCharging",
            "NotifySettlement",
            "OpenPeriodicEventStream",
            "PullDynamicScheduleUpdate",
            "ReportDERControl",
            "VatNumberValidation",
        }
    ),
}
UNANSWERED: Final = frozenset({"NotifyPeriodicEventStream"})
"""Actions that travel as SEND, never as CALL (2.1 part 4 §4.2.5)."""


def schema_folder(version: str) -> Traversable:
    """Where the `ocpp` package keeps the schemas of a version."""
    return files("ocpp").joinpath(_FOLDERS[version], "schemas")


@cache
def schema_names(version: str) -> frozenset[str]:
    """File names of the version's schemas without their suffix."""
    names = (entry.name for entry in schema_folder(version).iterdir())
    return frozenset(name.removesuffix(".json") for name in names if name.endswith(".json"))


@cache
def known_actions(version: str) -> frozenset[str]:
    """Every action of the version, in either direction."""
    requests = (name for name in schema_names(version) if not name.endswith("Response"))
    return frozenset(name.removesuffix("Request") for name in requests)
