"""How a simulated charge point answers charging profiles and reservations: a mixin for each wire."""

from datetime import UTC, datetime
from typing import Any

from ocpp.v16 import call_result

from central.ocpp.simulator.dialects import stamp
from central.ocpp.simulator.wire import Orders, order


class Power16:
    """OCPP 1.6 §5.1, §5.5, §5.7, §5.13, §5.16."""

    orders: Orders

    @order("SetChargingProfile")
    def on_set_charging_profile_16(
        self, connector_id: int, cs_charging_profiles: dict[str, Any], **_: Any
    ) -> Any:
        """§5.16."""
        running = self.orders.is_charging(connector_id)
        done = self.orders.power.set(connector_id, cs_charging_profiles, running=running)
        return call_result.SetChargingProfile(status="Accepted" if done else "Rejected")

    @order("ClearChargingProfile")
    def on_clear_charging_profile_16(
        self,
        id: int | None = None,
        connector_id: int | None = None,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
        **_: Any,
    ) -> Any:
        """§5.5."""
        gone = self.orders.power.clear(id, connector_id, charging_profile_purpose, stack_level)
        return call_result.ClearChargingProfile(status="Accepted" if gone else "Unknown")

    @order("GetCompositeSchedule")
    def on_get_composite_schedule_16(
        self, connector_id: int, duration: int, charging_rate_unit: str = "W", **_: Any
    ) -> Any:
        """§5.7."""
        schedule = composite(self.orders, connector_id, duration, charging_rate_unit)
        if schedule is None:
            return call_result.GetCompositeSchedule(status="Rejected")
        return call_result.GetCompositeSchedule(
            status="Accepted", connector_id=connector_id, schedule_start=now(), charging_schedule=schedule
        )

    @order("ReserveNow")
    def on_reserve_now_16(
        self, connector_id: int, expiry_date: str, id_tag: str, reservation_id: int, **_: Any
    ) -> Any:
        """§5.13."""
        until = datetime.fromisoformat(expiry_date)
        status = self.orders.reservations.reserve(reservation_id, connector_id, id_tag, until)
        return call_result.ReserveNow(status=status)

    @order("CancelReservation")
    def on_cancel_reservation_16(self, reservation_id: int, **_: Any) -> Any:
        """§5.1."""
        gone = self.orders.reservations.cancel(reservation_id)
        return call_result.CancelReservation(status="Accepted" if gone else "Rejected")


class Power2:
    """OCPP 2.x H01, H02, K01, K08, K10; `_answer` builds the result of the connection's own version."""

    orders: Orders

    def _answer(self, action: str, **fields: Any) -> Any:
        raise NotImplementedError

    @order("SetChargingProfile")
    def on_set_charging_profile_2(self, evse_id: int, charging_profile: dict[str, Any], **_: Any) -> Any:
        """K01."""
        running = self.orders.is_charging(evse_id)
        done = self.orders.power.set(evse_id, charging_profile, running=running)
        return self._answer("SetChargingProfile", status="Accepted" if done else "Rejected")

    @order("ClearChargingProfile")
    def on_clear_charging_profile_2(
        self,
        charging_profile_id: int | None = None,
        charging_profile_criteria: dict[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """K10."""
        criteria = charging_profile_criteria or {}
        gone = self.orders.power.clear(
            charging_profile_id,
            criteria.get("evse_id"),
            criteria.get("charging_profile_purpose"),
            criteria.get("stack_level"),
        )
        return self._answer("ClearChargingProfile", status="Accepted" if gone else "Unknown")

    @order("GetCompositeSchedule")
    def on_get_composite_schedule_2(
        self, duration: int, evse_id: int, charging_rate_unit: str = "W", **_: Any
    ) -> Any:
        """K08."""
        schedule = composite(self.orders, evse_id, duration, charging_rate_unit)
        if schedule is None:
            return self._answer("GetCompositeSchedule", status="Rejected")
        whole = schedule | {"evse_id": evse_id, "schedule_start": now()}
        return self._answer("GetCompositeSchedule", status="Accepted", schedule=whole)

    @order("ReserveNow")
    def on_reserve_now_2(
        self,
        id: int,
        expiry_date_time: str,
        id_token: dict[str, Any],
        evse_id: int | None = None,
        **_: Any,
    ) -> Any:
        """H01."""
        until = datetime.fromisoformat(expiry_date_time)
        status = self.orders.reservations.reserve(id, evse_id, id_token["id_token"], until)
        return self._answer("ReserveNow", status=status)

    @order("CancelReservation")
    def on_cancel_reservation_2(self, reservation_id: int, **_: Any) -> Any:
        """H02."""
        gone = self.orders.reservations.cancel(reservation_id)
        return self._answer("CancelReservation", status="Accepted" if gone else "Rejected")


def composite(orders: Orders, connector: int, seconds: int, unit: str) -> dict[str, Any] | None:
    """The composite schedule of the next seconds; None for a connector that does not exist."""
    periods = orders.power.composite(connector, seconds, unit, orders.options.power_kw * 1000)
    if periods is None:
        return None
    return {"duration": seconds, "charging_rate_unit": unit, "charging_schedule_period": periods}


def now() -> str:
    """The charge point's time on the wire."""
    return stamp(datetime.now(UTC))
