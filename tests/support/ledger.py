"""The ledger of what Central acknowledged to simulated charge points: the oracle of kill tests."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]


@dataclass
class Account:
    """One transaction as its charge point knows it; readings of the meter in Wh."""

    cp_id: str
    transaction_id: str
    id_tag: str
    start_wh: int | None = None
    stop_wh: int | None = None
    sampled: list[str] = field(default_factory=list)

    @property
    def energy_wh(self) -> int:
        """What was charged."""
        assert self.start_wh is not None
        assert self.stop_wh is not None
        return self.stop_wh - self.start_wh


class Ledger:
    """Acknowledged transaction messages, folded into accounts; `acknowledged` counts all of them."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str], Account] = {}
        self.starts: Counter[tuple[str, str]] = Counter()
        self.stops: Counter[tuple[str, str]] = Counter()
        self.acknowledged = 0

    def writer(self, cp_id: str) -> Callable[[str, Payload, Payload], None]:
        """What a simulated charge point calls for each acknowledged message."""

        def write(action: str, request: Payload, answer: Payload) -> None:
            self.acknowledged += 1
            if action == "TransactionEvent":
                self._event(cp_id, request)
            else:
                self._message(cp_id, action, request, answer)

        return write

    def _message(self, cp_id: str, action: str, request: Payload, answer: Payload) -> None:
        """A transaction message of 1.6."""
        transaction_id = str(
            answer["transactionId"] if action == "StartTransaction" else request["transactionId"]
        )
        account = self._account(cp_id, transaction_id)
        if action == "StartTransaction":
            self.starts[cp_id, transaction_id] += 1
            account.start_wh, account.id_tag = request["meterStart"], request["idTag"]
        elif action == "StopTransaction":
            self.stops[cp_id, transaction_id] += 1
            account.stop_wh = request["meterStop"]
        else:
            account.sampled += [reading["timestamp"] for reading in request["meterValue"]]

    def _event(self, cp_id: str, request: Payload) -> None:
        """A TransactionEvent of 2.x."""
        transaction_id = request["transactionInfo"]["transactionId"]
        account = self._account(cp_id, transaction_id)
        account.sampled += [reading["timestamp"] for reading in request["meterValue"]]
        wh = next(
            int(sample["value"])
            for sample in request["meterValue"][0]["sampledValue"]
            if sample["measurand"] == "Energy.Active.Import.Register"
        )
        if request["eventType"] == "Started":
            self.starts[cp_id, transaction_id] += 1
            account.start_wh, account.id_tag = wh, request["idToken"]["idToken"]
        elif request["eventType"] == "Ended":
            self.stops[cp_id, transaction_id] += 1
            account.stop_wh = wh

    def _account(self, cp_id: str, transaction_id: str) -> Account:
        return self.accounts.setdefault((cp_id, transaction_id), Account(cp_id, transaction_id, ""))
