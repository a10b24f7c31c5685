"""The same load in OCPP 2.0.1: a session is TransactionEvents, 16 messages like that of 1.6."""

import itertools
from typing import Any

from benchmarks.chargers import METER_VALUES_PER_SESSION, Charger, stamp

_transactions = itertools.count(1)


class Charger2(Charger):
    """One connection; 2.0.1, one request at a time."""

    subprotocol = "ocpp2.0.1"
    boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "Bench", "model": "Two"}}

    async def status(self, value: str) -> None:
        """A StatusNotification."""
        payload = {"timestamp": stamp(), "connectorStatus": value, "evseId": 1, "connectorId": 1}
        await self.call("StatusNotification", payload)

    async def event(self, kind: str, trigger: str, info: dict[str, Any], seq_no: int, **more: Any) -> None:
        """A TransactionEvent with the register, power and voltage."""
        at = stamp()
        payload = {
            "eventType": kind,
            "timestamp": at,
            "triggerReason": trigger,
            "seqNo": seq_no,
            "transactionInfo": info,
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [{"timestamp": at, "sampledValue": self._sampled()}],
        }
        await self.call("TransactionEvent", payload | more)

    def _sampled(self) -> list[dict[str, Any]]:
        return [
            {
                "value": self.meter,
                "measurand": "Energy.Active.Import.Register",
                "unitOfMeasure": {"unit": "Wh"},
            },
            {"value": 11000, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W"}},
            {"value": 230, "measurand": "Voltage", "unitOfMeasure": {"unit": "V"}},
        ]

    async def session(self) -> None:
        """A whole session: 16 messages."""
        token = {"idToken": f"TAG-{self.cp_id}"[:20], "type": "ISO14443"}
        info = {"transactionId": f"{self.cp_id}-{next(_transactions)}"}
        await self.status("Occupied")
        await self.call("Authorize", {"idToken": token})
        await self.event("Started", "Authorized", info, 0, idToken=token)
        await self.status("Occupied")
        for number in range(METER_VALUES_PER_SESSION):
            self.meter += 50
            await self.event("Updated", "MeterValuePeriodic", info, number + 1)
        info = info | {"stoppedReason": "Local"}
        await self.event("Ended", "StopAuthorized", info, METER_VALUES_PER_SESSION + 1, idToken=token)
        await self.status("Available")
