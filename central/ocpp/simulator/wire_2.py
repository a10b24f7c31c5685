"""The connection of a 2.0.1 or 2.1 charge point: how Central's requests become orders."""

from typing import Any

from ocpp import v21, v201

from central.ocpp.simulator.configuration import Setting
from central.ocpp.simulator.wire import WireBase, answered, order
from central.ocpp.simulator.wire_16 import accepted
from central.ocpp.simulator.wire_power import Power2


class Wire2(WireBase):
    """The requests that 2.0.1 and 2.1 share; `_answer` builds the result of the connection's own version."""

    def _answer(self, action: str, **fields: Any) -> Any:
        return getattr(self.results, action)(**fields)

    @order("RequestStartTransaction")
    def on_request_start(
        self, id_token: dict[str, Any], remote_start_id: int, evse_id: int | None = None, **_: Any
    ) -> Any:
        """F01, F02."""
        taken = self.orders.remote_start(evse_id, id_token["id_token"], id_token["type"], remote_start_id)
        return self._answer("RequestStartTransaction", status=accepted(taken))

    @order("RequestStopTransaction")
    def on_request_stop(self, transaction_id: str, **_: Any) -> Any:
        """F03."""
        stopped = self.orders.remote_stop(transaction_id)
        return self._answer("RequestStopTransaction", status=accepted(stopped))

    @order("Reset")
    def on_reset_2(self, type: str, evse_id: int | None = None, **_: Any) -> Any:
        """B11, B12; no EVSE alone (B11.FR.09), and nothing is resumed afterwards (2.1 B13.FR.01)."""
        if evse_id is not None or type == "ImmediateAndResume":
            return self._answer("Reset", status="Rejected")
        waits = type == "OnIdle" and self._is_charging()
        return self._answer("Reset", status="Scheduled" if waits else "Accepted")

    @answered("Reset")
    def after_reset_2(self, type: str, evse_id: int | None = None, **_: Any) -> None:
        """The answer is out: now reset, or as soon as nobody charges (B12.FR.03)."""
        if evse_id is None and type != "ImmediateAndResume":
            self.orders.reset(hard=type == "Immediate", when_idle=type == "OnIdle")

    def _is_charging(self) -> bool:
        return any(self.orders.is_charging(number + 1) for number in range(self.orders.options.connectors))

    @order("ChangeAvailability")
    def on_change_availability_2(
        self, operational_status: str, evse: dict[str, Any] | None = None, **_: Any
    ) -> Any:
        """G03, G04."""
        number = int(evse["id"]) if evse else 0
        now = self.orders.set_available(number, available=operational_status == "Operative")
        return self._answer("ChangeAvailability", status="Accepted" if now else "Scheduled")

    @order("UnlockConnector")
    def on_unlock_2(self, evse_id: int, **_: Any) -> Any:
        """F05; an authorised transaction is neither stopped nor unlocked (F05.FR.02)."""
        if self.orders.is_charging(evse_id):
            return self._answer("UnlockConnector", status="OngoingAuthorizedTransaction")
        done = self.orders.unlock(evse_id)
        return self._answer("UnlockConnector", status="Unlocked" if done else "UnknownConnector")

    @order("GetVariables")
    def on_get_variables(self, get_variable_data: list[dict[str, Any]], **_: Any) -> Any:
        """B06."""
        results = []
        for item in get_variable_data:
            setting, status = self._found(item)
            told = {} if setting is None else {"attribute_value": setting.value}
            results.append(_place(item) | {"attribute_status": status} | told)
        return self._answer("GetVariables", get_variable_result=results)

    @order("SetVariables")
    def on_set_variables(self, set_variable_data: list[dict[str, Any]], **_: Any) -> Any:
        """B05."""
        results = []
        for item in set_variable_data:
            setting, status = self._found(item)
            if setting is not None:
                status = accepted(self.orders.set_variable(setting.name, item["attribute_value"]))
            results.append(_place(item) | {"attribute_status": status})
        return self._answer("SetVariables", set_variable_result=results)

    def _found(self, item: dict[str, Any]) -> tuple[Setting | None, str]:
        """The setting, or the word that tells what is wrong (B05.FR.04-06, B06.FR.06-08)."""
        component, variable = item["component"], item["variable"]
        configuration = self.orders.configuration
        setting = configuration.find(component["name"], variable["name"], variable.get("instance", ""))
        if setting is None:
            known = configuration.has_component(component["name"])
            return None, "UnknownVariable" if known else "UnknownComponent"
        if item.get("attribute_type", "Actual") != "Actual":
            return None, "NotSupportedAttributeType"
        return setting, "Accepted"

    @order("GetBaseReport")
    def on_get_base_report(self, request_id: int, **_: Any) -> Any:
        """B07: the report follows in NotifyReport."""
        self.orders.report(request_id)
        return self._answer("GetBaseReport", status="Accepted")

    @order("GetTransactionStatus")
    def on_get_transaction_status(self, transaction_id: str | None = None, **_: Any) -> Any:
        """E14."""
        waiting = self.orders.messages_waiting()
        if transaction_id is None:
            return self._answer("GetTransactionStatus", messages_in_queue=waiting)
        running = self.orders.is_running(transaction_id)
        return self._answer("GetTransactionStatus", messages_in_queue=waiting, ongoing_indicator=running)

    @order("TriggerMessage")
    def on_trigger_2(self, requested_message: str, evse: dict[str, Any] | None = None, **_: Any) -> Any:
        """F06."""
        known = self.orders.trigger(requested_message, int(evse["id"]) if evse else None)
        return self._answer("TriggerMessage", status="Accepted" if known else "NotImplemented")

    @order("ClearCache")
    def on_clear_cache_2(self, **_: Any) -> Any:
        """C11: there is no cache, so it is empty."""
        return self._answer("ClearCache", status="Accepted")

    @order("DataTransfer")
    def on_data_transfer_2(self, **_: Any) -> Any:
        """P01."""
        return self._answer("DataTransfer", status="UnknownVendorId")


def _place(item: dict[str, Any]) -> dict[str, Any]:
    """What a result repeats of its request (B05.FR.02, 03)."""
    return {name: item[name] for name in ("component", "variable", "attribute_type") if name in item}


class Wire201(Wire2, Power2, v201.ChargePoint):  # type: ignore[misc]
    """OCPP 2.0.1."""

    requests, results = v201.call, v201.call_result


class Wire21(Wire2, Power2, v21.ChargePoint):  # type: ignore[misc]
    """OCPP 2.1."""

    requests, results = v21.call, v21.call_result
