"""What a charge point says in a session, as (action, payload) of each OCPP version; for scripts of tests."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Frame = tuple[str, dict[str, Any]]

REMOTE_START = {"1.6": "RemoteStartTransaction", "2.0.1": "RequestStartTransaction"}
REMOTE_STOP = {"1.6": "RemoteStopTransaction", "2.0.1": "RequestStopTransaction"}


def stamp(at: datetime | None = None) -> str:
    """A date-time as chargers write it; the present where none is given."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def boot(version: str, **changes: Any) -> Frame:
    """BootNotification; `changes` replace or add top-level fields."""
    if version == "1.6":
        payload: dict[str, Any] = {"chargePointVendor": "Acme", "chargePointModel": "One"}
    else:
        payload = {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "One"}}
    return "BootNotification", payload | changes


def status(
    version: str, connector: int = 1, value: str = "Available", at: datetime | None = None, **changes: Any
) -> Frame:
    """StatusNotification of connector N (2.x: connector 1 of EVSE N)."""
    if version == "1.6":
        payload: dict[str, Any] = {
            "connectorId": connector,
            "errorCode": "NoError",
            "status": value,
            "timestamp": stamp(at),
        }
    else:
        payload = {
            "timestamp": stamp(at),
            "connectorStatus": value,
            "evseId": connector,
            "connectorId": 1,
        }
    return "StatusNotification", payload | changes


def authorize(version: str, tag: str) -> Frame:
    """Authorize of one tag."""
    if version == "1.6":
        return "Authorize", {"idTag": tag}
    return "Authorize", {"idToken": id_token(tag)}


def id_token(tag: str, kind: str = "ISO14443") -> dict[str, str]:
    """A 2.x idToken."""
    return {"idToken": tag, "type": kind}


def sampled_energy(version: str, wh: int) -> list[dict[str, Any]]:
    """One sampled value: the energy register in Wh."""
    if version == "1.6":
        return [{"value": str(wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}]
    return [
        {"value": wh, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh"}},
    ]


def meter_values(
    version: str,
    wh: int,
    *,
    connector: int = 1,
    transaction_id: int | None = None,
    at: datetime | None = None,
) -> Frame:
    """MeterValues with the energy register; `transaction_id` only in 1.6."""
    reading = [{"timestamp": stamp(at), "sampledValue": sampled_energy(version, wh)}]
    if version != "1.6":
        return "MeterValues", {"evseId": connector, "meterValue": reading}
    payload: dict[str, Any] = {"connectorId": connector, "meterValue": reading}
    return "MeterValues", payload | ({} if transaction_id is None else {"transactionId": transaction_id})


def token_status(answer: dict[str, Any]) -> str:
    """The authorisation status in an answer of Authorize, StartTransaction or TransactionEvent."""
    info = answer.get("idTagInfo") or answer.get("idTokenInfo") or {}
    return str(info.get("status", ""))


@dataclass
class Transaction:
    """The frames of one transaction; numbers 2.x events and keeps the id that a 1.6 answer brings.

    Times are the present unless given; `wh` are readings of the meter, not differences.
    """

    version: str
    tag: str = "TAG-1"
    connector: int = 1
    id: Any = None
    seq_no: int = field(default=0)

    def start(self, wh: int = 0, at: datetime | None = None, **changes: Any) -> Frame:
        """StartTransaction or TransactionEvent Started."""
        if self.version == "1.6":
            payload = {
                "connectorId": self.connector,
                "idTag": self.tag,
                "meterStart": wh,
                "timestamp": stamp(at),
            }
            return "StartTransaction", payload | changes
        self.id = self.id or uuid.uuid4().hex
        return self._event("Started", "Authorized", wh, at, idToken=id_token(self.tag), **changes)

    def started(self, answer: dict[str, Any]) -> None:
        """Take the transaction id from the answer (1.6)."""
        if self.version == "1.6":
            self.id = answer["transactionId"]

    def meter(self, wh: int, at: datetime | None = None) -> Frame:
        """MeterValues of the transaction or TransactionEvent Updated."""
        if self.version == "1.6":
            return meter_values("1.6", wh, connector=self.connector, transaction_id=self.id, at=at)
        return self._event("Updated", "MeterValuePeriodic", wh, at)

    def stop(self, wh: int, at: datetime | None = None, reason: str = "Local", **changes: Any) -> Frame:
        """StopTransaction or TransactionEvent Ended."""
        if self.version == "1.6":
            payload = {
                "transactionId": self.id,
                "idTag": self.tag,
                "meterStop": wh,
                "timestamp": stamp(at),
                "reason": reason,
            }
            return "StopTransaction", payload | changes
        return self._event("Ended", "StopAuthorized", wh, at, reason=reason, **changes)

    def _event(self, kind: str, trigger: str, wh: int, at: datetime | None, **changes: Any) -> Frame:
        reason = changes.pop("reason", None)
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": stamp(at),
            "triggerReason": trigger,
            "seqNo": self.seq_no,
            "transactionInfo": {"transactionId": self.id} | ({"stoppedReason": reason} if reason else {}),
            "evse": {"id": self.connector, "connectorId": 1},
            "meterValue": [{"timestamp": stamp(at), "sampledValue": sampled_energy(self.version, wh)}],
        }
        self.seq_no += 1
        return "TransactionEvent", payload | changes
