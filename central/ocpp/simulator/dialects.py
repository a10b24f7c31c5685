"""What a charge point says, by intent: one dialect for 1.6, one for 2.0.1 and 2.1; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Protocol

from central.ocpp.simulator.meter import Reading
from central.ocpp.simulator.options import Options
from central.ocpp.simulator.transaction import UNKNOWN_ID, Transaction

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A request; `payload` is built when it is sent, because a 1.6 transaction may get its id that late."""

    action: str
    payload: Callable[[], Payload]


class State(Enum):
    """The states of a connector."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    FAULTED = "Faulted"
    UNAVAILABLE = "Unavailable"


class Dialect(Protocol):
    """The words of one protocol version for what a charge point means."""

    def boot(self, options: Options, reason: str) -> Message: ...

    def status(self, connector: int, state: State, at: datetime) -> Message: ...

    def authorize(self, transaction: Transaction) -> Message: ...

    def start(self, transaction: Transaction, reading: Reading) -> Message: ...

    def started(self, transaction: Transaction, answer: Payload) -> bool: ...

    def sample(self, transaction: Transaction, reading: Reading) -> Message: ...

    def triggered(self, transaction: Transaction, reading: Reading) -> Message: ...

    def meter_values(self, connector: int, reading: Reading) -> Message: ...

    def stop(self, transaction: Transaction, reading: Reading, reason: str) -> Message: ...


def stamp(at: datetime) -> str:
    """A date-time in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def heartbeat() -> Message:
    """Heartbeat, the same in all versions."""
    return Message("Heartbeat", dict)


def is_accepted(answer: Payload) -> bool:
    """Whether an answer about a tag lets the driver charge; no word about it means yes (2.0.1 E05.FR.02)."""
    info = answer.get("idTagInfo") or answer.get("idTokenInfo")
    return info is None or info.get("status") == "Accepted"


class Dialect16:
    """OCPP 1.6."""

    def boot(self, options: Options, reason: str) -> Message:
        """BootNotification (§4.2)."""
        payload = {
            "chargePointVendor": options.vendor,
            "chargePointModel": options.model,
            "chargePointSerialNumber": options.cp_id[:25],
            "firmwareVersion": options.firmware,
        }
        return Message("BootNotification", lambda: payload)

    def status(self, connector: int, state: State, at: datetime) -> Message:
        """StatusNotification (§4.9)."""
        payload = {
            "connectorId": connector,
            "status": state.value,
            "errorCode": "InternalError" if state is State.FAULTED else "NoError",
            "timestamp": stamp(at),
        }
        return Message("StatusNotification", lambda: payload)

    def authorize(self, transaction: Transaction) -> Message:
        """Authorize (§4.1)."""
        return Message("Authorize", lambda: {"idTag": transaction.id_tag})

    def start(self, transaction: Transaction, reading: Reading) -> Message:
        """StartTransaction (§4.8)."""
        payload = {
            "connectorId": transaction.connector,
            "idTag": transaction.id_tag,
            "meterStart": reading.wh,
            "timestamp": stamp(reading.at),
        } | _reservation(transaction)
        return Message("StartTransaction", lambda: payload)

    def started(self, transaction: Transaction, answer: Payload) -> bool:
        """Keep the id that Central gave; whether the driver may charge."""
        transaction.wire_id = answer["transactionId"]
        return is_accepted(answer)

    def sample(self, transaction: Transaction, reading: Reading) -> Message:
        """MeterValues (§4.7)."""
        payload = {
            "connectorId": transaction.connector,
            "meterValue": [{"timestamp": stamp(reading.at), "sampledValue": _sampled_16(reading)}],
        }
        return Message("MeterValues", lambda: payload | {"transactionId": _wire_id(transaction)})

    def triggered(self, transaction: Transaction, reading: Reading) -> Message:
        """1.6 has no message about a transaction but its meter values."""
        return self.sample(transaction, reading)

    def meter_values(self, connector: int, reading: Reading) -> Message:
        """MeterValues outside of a transaction (§4.7)."""
        values = [{"timestamp": stamp(reading.at), "sampledValue": _sampled_16(reading)}]
        return Message("MeterValues", lambda: {"connectorId": connector, "meterValue": values})

    def stop(self, transaction: Transaction, reading: Reading, reason: str) -> Message:
        """StopTransaction (§4.10)."""
        payload = {
            "idTag": transaction.id_tag,
            "meterStop": reading.wh,
            "timestamp": stamp(reading.at),
            "reason": reason,
        }
        return Message("StopTransaction", lambda: payload | {"transactionId": _wire_id(transaction)})


class Dialect2:
    """OCPP 2.0.1 and 2.1: connector N is EVSE N with connector 1."""

    def boot(self, options: Options, reason: str) -> Message:
        """BootNotification (B01)."""
        station = {
            "vendorName": options.vendor,
            "model": options.model,
            "serialNumber": options.cp_id[:25],
            "firmwareVersion": options.firmware,
        }
        return Message("BootNotification", lambda: {"reason": reason, "chargingStation": station})

    def status(self, connector: int, state: State, at: datetime) -> Message:
        """StatusNotification (G01)."""
        payload = {
            "timestamp": stamp(at),
            "connectorStatus": _STATES_2.get(state, "Occupied"),
            "evseId": connector,
            "connectorId": 1,
        }
        return Message("StatusNotification", lambda: payload)

    def authorize(self, transaction: Transaction) -> Message:
        """Authorize (C01)."""
        return Message("Authorize", lambda: {"idToken": _id_token(transaction)})

    def start(self, transaction: Transaction, reading: Reading) -> Message:
        """TransactionEvent Started (E02)."""
        transaction.wire_id = transaction.local_id
        remote = transaction.remote_start_id is not None
        extra: Payload = {"idToken": _id_token(transaction)} | _reservation(transaction)
        trigger = "RemoteStart" if remote else "Authorized"
        return self._event("Started", trigger, transaction, reading, extra)

    def started(self, transaction: Transaction, answer: Payload) -> bool:
        """Whether the driver may charge."""
        return is_accepted(answer)

    def sample(self, transaction: Transaction, reading: Reading) -> Message:
        """TransactionEvent Updated with a periodic meter value (J02)."""
        return self._event("Updated", "MeterValuePeriodic", transaction, reading, {})

    def triggered(self, transaction: Transaction, reading: Reading) -> Message:
        """TransactionEvent Updated that Central asked for (F06.FR.07)."""
        return self._event("Updated", "Trigger", transaction, reading, {})

    def meter_values(self, connector: int, reading: Reading) -> Message:
        """MeterValues outside of a transaction (J01)."""
        values = [{"timestamp": stamp(reading.at), "sampledValue": _sampled_2(reading, "Trigger")}]
        return Message("MeterValues", lambda: {"evseId": connector, "meterValue": values})

    def stop(self, transaction: Transaction, reading: Reading, reason: str) -> Message:
        """TransactionEvent Ended (E06)."""
        trigger = _TRIGGERS.get(reason, "StopAuthorized")
        return self._event("Ended", trigger, transaction, reading, {}, reason)

    def _event(
        self,
        kind: str,
        trigger: str,
        transaction: Transaction,
        reading: Reading,
        extra: Payload,
        reason: str = "",
    ) -> Message:
        info: Payload = {"transactionId": transaction.local_id}
        info |= {"stoppedReason": _REASONS_2.get(reason, reason)} if reason else {"chargingState": "Charging"}
        if kind == "Started" and transaction.remote_start_id is not None:
            info["remoteStartId"] = transaction.remote_start_id
        context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
        payload = {
            "eventType": kind,
            "timestamp": stamp(reading.at),
            "triggerReason": trigger,
            "seqNo": transaction.next_seq_no(),
            "transactionInfo": info,
            "evse": {"id": transaction.connector, "connectorId": 1},
            "meterValue": [{"timestamp": stamp(reading.at), "sampledValue": _sampled_2(reading, context)}],
        } | extra
        return Message("TransactionEvent", lambda: payload)


_STATES_2 = {
    State.AVAILABLE: "Available",
    State.RESERVED: "Reserved",
    State.FAULTED: "Faulted",
    State.UNAVAILABLE: "Unavailable",
}
_TRIGGERS = {
    "Remote": "RemoteStop",
    "DeAuthorized": "Deauthorized",
    "HardReset": "ResetCommand",
    "SoftReset": "ResetCommand",
    "UnlockCommand": "UnlockCommand",
    "Other": "AbnormalCondition",
}
_REASONS_2 = {"HardReset": "ImmediateReset", "SoftReset": "Reboot", "UnlockCommand": "Other"}


def dialect_of(version: str) -> Dialect:
    """The dialect of "1.6", "2.0.1" or "2.1"."""
    return Dialect16() if version == "1.6" else Dialect2()


def _wire_id(transaction: Transaction) -> int:
    return transaction.wire_id if isinstance(transaction.wire_id, int) else UNKNOWN_ID


def _reservation(transaction: Transaction) -> Payload:
    """Which reservation the transaction uses (1.6 §5.13, H01.FR.15)."""
    number = transaction.reservation_id
    return {} if number is None else {"reservationId": number}


def _id_token(transaction: Transaction) -> Payload:
    return {"idToken": transaction.id_tag, "type": transaction.kind}


def _quantities(reading: Reading) -> list[tuple[str, int, str]]:
    found = [
        ("Energy.Active.Import.Register", reading.wh, "Wh"),
        ("Power.Active.Import", reading.power_w, "W"),
    ]
    return found if reading.soc is None else [*found, ("SoC", reading.soc, "Percent")]


def _sampled_16(reading: Reading) -> list[Payload]:
    return [
        {"value": str(value), "measurand": measurand, "unit": unit, "context": "Sample.Periodic"}
        for measurand, value, unit in _quantities(reading)
    ]


def _sampled_2(reading: Reading, context: str) -> list[Payload]:
    return [
        {"value": value, "measurand": measurand, "unitOfMeasure": {"unit": unit}, "context": context}
        for measurand, value, unit in _quantities(reading)
    ]
