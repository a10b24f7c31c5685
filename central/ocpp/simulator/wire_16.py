"""The connection of a 1.6 charge point: how Central's requests become orders."""

from typing import Any

from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.datatypes import KeyValue

from central.ocpp.simulator.wire import WireBase, answered, order
from central.ocpp.simulator.wire_power import Power16


def accepted(yes: bool) -> str:
    """The two words of most answers."""
    return "Accepted" if yes else "Rejected"


class Wire16(Power16, WireBase, ChargePoint):  # type: ignore[misc]
    """OCPP 1.6 (§5, operations initiated by Central System)."""

    requests, results = call, call_result

    @order("RemoteStartTransaction")
    def on_remote_start(self, id_tag: str, connector_id: int | None = None, **_: Any) -> Any:
        """§5.11."""
        taken = self.orders.remote_start(connector_id, id_tag, "ISO14443", None)
        return call_result.RemoteStartTransaction(status=accepted(taken))

    @order("RemoteStopTransaction")
    def on_remote_stop(self, transaction_id: int, **_: Any) -> Any:
        """§5.12."""
        return call_result.RemoteStopTransaction(status=accepted(self.orders.remote_stop(transaction_id)))

    @order("Reset")
    def on_reset_16(self, **_: Any) -> Any:
        """§5.14."""
        return call_result.Reset(status="Accepted")

    @answered("Reset")
    def after_reset_16(self, type: str, **_: Any) -> None:
        """The answer is out: now reset."""
        self.orders.reset(hard=type == "Hard")

    @order("ChangeAvailability")
    def on_change_availability_16(self, connector_id: int, type: str, **_: Any) -> Any:
        """§5.2."""
        now = self.orders.set_available(connector_id, available=type == "Operative")
        return call_result.ChangeAvailability(status="Accepted" if now else "Scheduled")

    @order("UnlockConnector")
    def on_unlock_16(self, connector_id: int, **_: Any) -> Any:
        """§5.18."""
        done = self.orders.unlock(connector_id)
        return call_result.UnlockConnector(status="Unlocked" if done else "NotSupported")

    @order("GetConfiguration")
    def on_get_configuration(self, key: list[str] | None = None, **_: Any) -> Any:
        """§5.8."""
        configuration = self.orders.configuration
        wanted = key or [setting.name for setting in configuration.all()]
        found = [setting for name in wanted if (setting := configuration.find("", name))]
        return call_result.GetConfiguration(
            configuration_key=[KeyValue(each.name, not each.writable, each.value) for each in found],
            unknown_key=[name for name in wanted if configuration.find("", name) is None] or None,
        )

    @order("ChangeConfiguration")
    def on_change_configuration(self, key: str, value: str, **_: Any) -> Any:
        """§5.3."""
        setting = self.orders.configuration.find("", key)
        if setting is None:
            return call_result.ChangeConfiguration(status="NotSupported")
        return call_result.ChangeConfiguration(status=accepted(self.orders.set_variable(setting.name, value)))

    @order("TriggerMessage")
    def on_trigger_16(self, requested_message: str, connector_id: int | None = None, **_: Any) -> Any:
        """§5.17."""
        known = self.orders.trigger(requested_message, connector_id)
        return call_result.TriggerMessage(status="Accepted" if known else "NotImplemented")

    @order("ExtendedTriggerMessage")
    def on_extended_trigger(self, requested_message: str, connector_id: int | None = None, **_: Any) -> Any:
        """Security extension §5.5: the same for more messages."""
        known = self.orders.trigger(requested_message, connector_id)
        return call_result.ExtendedTriggerMessage(status="Accepted" if known else "NotImplemented")

    @order("ClearCache")
    def on_clear_cache_16(self, **_: Any) -> Any:
        """§5.4: there is no cache, so it is empty."""
        return call_result.ClearCache(status="Accepted")

    @order("GetLocalListVersion")
    def on_get_local_list_version_16(self, **_: Any) -> Any:
        """§5.10: -1 means that there is no list."""
        return call_result.GetLocalListVersion(list_version=-1)

    @order("DataTransfer")
    def on_data_transfer_16(self, **_: Any) -> Any:
        """§4.3."""
        return call_result.DataTransfer(status="UnknownVendorId")
