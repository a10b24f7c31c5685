"""Costs in TransactionEvent: the charge point's own are kept (2.1 I12), ours told (2.x I02, I03)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from central.models import Session
from central.models.session import SessionState
from central.ocpp.answers import amount_of, held
from central.ocpp.context import Context
from central.ports import RunningCost, ports
from central.services.displays import shows_costs
from central.services.ledger import ENDED, UPDATED
from central.services.session_costs import Calculated, session_cost_record
from central.services.transaction_batches import Told
from emobility.lib.money import round_minor

Call = tuple[Context, dict[str, Any]]
Answer = dict[str, Any]


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


def costs_told(calls: Sequence[Call], told: Sequence[Told]) -> list[Answer]:
    """The totalCost of answers where it is told: to ends (I03.FR.02, free is 0), updates (I02.FR.01)."""
    answers: list[Answer] = [{} for _ in calls]
    mode = settings.OCPP_COSTS_IN_ANSWERS
    if mode == "NEVER":
        return answers
    kinds = {ENDED: SessionState.ENDED} | ({} if mode == "END" else {UPDATED: SessionState.ACTIVE})
    places = [place for place, one in enumerate(told) if one.event.kind in kinds]
    if mode == "AUTO" and places:
        owners = {calls[place][0].charge_point_id: calls[place][0].organization_id for place in places}
        shown = shows_costs(owners, now=calls[0][0].now)
        places = [place for place in places if calls[place][0].charge_point_id in shown]
    costs = _costs([told[place] for place in places], kinds)
    for place, cost in zip(places, costs, strict=True):
        if cost is not None:
            answers[place] = {"totalCost": total(cost.amount_incl, cost.currency)}
    return answers


def _costs(told: Sequence[Told], kinds: Mapping[str, SessionState]) -> list[RunningCost | None]:
    """The cost of each event's session that is in the state which fits; None: it has no price.

    What moved on the usual way is handed over as it is; sessions of all other events are read. What an ended
    session costs that waits for a person is not known (I03.FR.02).
    """
    moves = {place: move for place, one in enumerate(told) if (move := one.move) is not None}
    moved = ports.running_cost_moved(list(moves.values())) if moves else {}
    found: list[RunningCost | None] = [None] * len(told)
    for place, move in moves.items():
        found[place] = moved.get(move.session.pk)
    others = [place for place in range(len(told)) if place not in moves]
    for place, cost in zip(others, _read_costs([told[each] for each in others], kinds), strict=True):
        found[place] = cost
    return found


def _read_costs(told: Sequence[Told], kinds: Mapping[str, SessionState]) -> list[RunningCost | None]:
    if not told:
        return []
    charge_points, numbers = zip(*(one.place for one in told), strict=True)
    rows = Session.objects.filter(charge_point_id__in=set(charge_points), transaction_id__in=set(numbers))
    rows = rows.exclude(state=SessionState.ENDED, needs_review=True)
    found = {
        (charge_point_id, transaction_id): (pk, state)
        for charge_point_id, transaction_id, pk, state in rows.values_list(
            "charge_point_id", "transaction_id", "pk", "state"
        )
    }
    meant = [found.get(one.place) for one in told]
    keys = [
        row[0] if row is not None and row[1] == kinds[one.event.kind] else None
        for one, row in zip(told, meant, strict=True)
    ]
    costs = ports.running_cost(sorted({key for key in keys if key is not None}))
    return [None if key is None else costs.get(key) for key in keys]


def total(amount: Decimal, currency: str) -> float:
    """An amount as OCPP's decimal, in the currency's smallest unit."""
    return float(round_minor(amount, currency))


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else amount_of(value)


def _tariff_id(request: dict[str, Any], details: dict[str, Any]) -> str:
    periods = details.get("chargingPeriods") or [{}]
    return str(request["transactionInfo"].get("tariffId") or periods[-1].get("tariffId") or "")
