"""Settings of smart charging."""

from emobility import env

__all__ = ["OCPP_CHARGING_NEEDS"]

OCPP_CHARGING_NEEDS = env.choice("OCPP_CHARGING_NEEDS", "REJECT", ("REJECT", "PLAN", "EXTERNAL"))
