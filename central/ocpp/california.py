"""Prices on the displays of 1.6 charge points: OCA "OCPP & California Pricing Requirements" §3.

The messages travel as DataTransfer of vendor org.openchargealliance.costmsg. Amounts and unit prices are what
drivers pay: with tax. Prices under conditions are left out of the unit prices; the cost itself counts them.
"""

from decimal import Decimal
from typing import Any, Final

from central.models import Session
from central.models.session import SessionState
from central.ocpp.costs import total
from central.ocpp.tariffs import number, unit_prices
from central.ocpp.vocabulary import format_time
from central.ports import RunningCost, TariffOffer, ports

VENDOR: Final = "org.openchargealliance.costmsg"
USER_PRICE: Final = "SetUserPrice"
RUNNING_COST: Final = "RunningCost"
FINAL_COST: Final = "FinalCost"
UNPLUGGED: Final = "ConnectorUnplugged"
CHARGING, IDLE = "Charging", "Idle"
VERSIONS: Final = ("1.6",)


def session_price(session_id: int) -> tuple[Session, RunningCost, TariffOffer]:
    """A session with what it costs and its tariff. Raises ValueError where no tariff applies."""
    session = Session.objects.get(pk=session_id)
    cost = ports.running_cost([session_id]).get(session_id)
    offer = ports.session_tariff(session_id)
    if cost is None or offer is None:
        raise ValueError("No tariff applies to this session.")
    return session, cost, offer


def transaction_number(session: Session) -> int:
    """The session's handle as 1.6 has it. Raises ValueError for one of another version."""
    if not session.transaction_id.isdecimal():
        raise ValueError("This session was not told by OCPP 1.6.")
    return int(session.transaction_id)


def running_cost(session: Session, cost: RunningCost, offer: TariffOffer, *, idle: bool) -> dict[str, Any]:
    """The data of RunningCost (§3.1.4, table 4): the cost at the latest meter value, and the unit prices."""
    prices = unit_prices(offer)
    data: dict[str, Any] = {
        "transactionId": transaction_number(session),
        "timestamp": format_time(session.meter_last_at or cost.as_of),
        "meterValue": session.meter_last_wh or session.meter_start_wh or 0,
        "cost": total(cost.amount_incl, cost.currency),
        "state": IDLE if idle else CHARGING,
    }
    if session.state == SessionState.ACTIVE:
        data["chargingPrice"] = charging_price(prices)
    if "PARKING_TIME" in prices:
        data["idlePrice"] = {"hourPrice": number(prices["PARKING_TIME"])}
    return data


def charging_price(prices: dict[str, Decimal]) -> dict[str, Any]:
    """Table 5: per kWh, per hour, once."""
    names = {"ENERGY": "kWhPrice", "TIME": "hourPrice", "FLAT": "flatFee"}
    return {name: number(prices[kind]) for kind, name in names.items() if kind in prices}
