"""Costs in TransactionEvent: the charge point's own are kept (2.1 I12), ours told (2.x I02, I03)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db.models import Q

from central.models import Session
from central.models.session import SessionState
from central.ocpp.answers import amount_of, held
from central.ocpp.context import Context
from central.ports import ports
from central.services.session_costs import Calculated, session_cost_record
from emobility.lib.money import round_minor

Call = tuple[Context, dict[str, Any]]
AT_END: Final = frozenset({"END", "ALWAYS"})


def cost_keep(ctx: Context, request: dict[str, Any]) -> None:
    """Keep what the charge point calculated, where the event brings it."""
    details = request.get("costDetails")
    if details is None:
        return
    total = details["totalCost"]
    session_cost_record(
        charge_point_id=ctx.charge_point_id,
        calculated=Calculated(
            transaction_id=request["transactionInfo"]["transactionId"],
            seq_no=held(request["seqNo"]),
            is_final=request["eventType"] == "Ended",
            currency=total["currency"],
            total_excl=_amount(total["total"].get("exclTax")),
            total_incl=_amount(total["total"].get("inclTax")),
            tariff_id=_tariff_id(request, details),
            failed=details.get("failureToCalculate", False),
            failure=details.get("failureReason", ""),
            details=details,
        ),
        now=ctx.now,
    )


def costs_told(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The totalCost of answers where it is told: to ends (I03.FR.02, free is 0), updates (I02.FR.01)."""
    told: list[dict[str, Any]] = [{} for _ in calls]
    if settings.OCPP_COSTS_IN_ANSWERS not in AT_END:
        return told
    kinds = {SessionState.ENDED: {"Ended"}}
    if settings.OCPP_COSTS_IN_ANSWERS == "ALWAYS":
        kinds[SessionState.ACTIVE] = {"Updated"}
    for state, types in kinds.items():
        places = [place for place, (_, request) in enumerate(calls) if request["eventType"] in types]
        for place, cost in zip(places, costs_of([calls[each] for each in places], state=state), strict=True):
            told[place] = cost
    return told


def costs_of(calls: Sequence[Call], *, state: SessionState) -> list[dict[str, Any]]:
    """`{"totalCost"}` incl. tax for each event whose session is in that state and has a price; else {}."""
    if not calls:
        return []
    keys = [(ctx.charge_point_id, request["transactionInfo"]["transactionId"]) for ctx, request in calls]
    mine = Q(
        charge_point_id__in={charge_point_id for charge_point_id, _ in keys},
        transaction_id__in={transaction_id for _, transaction_id in keys},
        state=state,
    )
    rows = Session.objects.filter(mine).values_list("charge_point_id", "transaction_id", "pk")
    found = {(charge_point_id, transaction_id): pk for charge_point_id, transaction_id, pk in rows}
    costs = ports.running_cost(list(found.values()))
    answers: list[dict[str, Any]] = []
    for key in keys:
        cost = costs.get(found.get(key, 0))
        answers.append({} if cost is None else {"totalCost": total(cost.amount_incl, cost.currency)})
    return answers


def total(amount: Decimal, currency: str) -> float:
    """An amount as OCPP's decimal, in the currency's smallest unit."""
    return float(round_minor(amount, currency))


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else amount_of(value)


def _tariff_id(request: dict[str, Any], details: dict[str, Any]) -> str:
    periods = details.get("chargingPeriods") or [{}]
    return str(request["transactionInfo"].get("tariffId") or periods[-1].get("tariffId") or "")
