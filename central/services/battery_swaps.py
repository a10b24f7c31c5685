"""Battery swaps: asked for, a battery brought, a battery taken, in either order (2.1 S01-S03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import BatterySwap, Command, IdToken
from central.models.battery_swap import BatterySwapState
from central.services.authorization import authorize
from central.services.commands import command_create
from emobility.lib.errors import Conflict
from registry.models import ChargePoint
from registry.services.events import event_append

BATTERY_SWAP: Final = "battery_swap"
IN: Final = "BatteryIn"
OUT: Final = "BatteryOut"
TIMEOUT: Final = "BatteryOutTimeout"
OVER: Final = frozenset({BatterySwapState.DONE, BatterySwapState.NOT_TAKEN, BatterySwapState.REFUSED})
PATIENCE: Final = timedelta(hours=1)
"""How long after its end a swap takes further batteries of its set."""
Battery = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a charge point says: `kind` as OCPP has it, the token that was shown, the batteries."""

    kind: str
    request_id: int
    id_tag: str
    id_tag_type: str
    batteries: Sequence[Battery]


def battery_swap_request(
    *, charge_point: ChargePoint, id_tag: str, id_tag_type: str = "", now: datetime, **common: Any
) -> Command:
    """Queue a swap for a token. Raises Conflict where the token is not accepted (S02.FR.03)."""
    answer = authorize(charge_point_id=charge_point.pk, uid=id_tag, token_type=id_tag_type, now=now)
    if not answer.accepted:
        raise Conflict(_("This tag is not accepted here: {status}.").format(status=answer.status.value))
    token = _token(charge_point.organization_id, id_tag)
    kind = id_tag_type or (token.token_type if token else "") or "Central"
    with transaction.atomic():
        command = command_create(
            charge_point=charge_point,
            order=BATTERY_SWAP,
            params={"id_tag": token.uid if token else id_tag, "id_tag_type": kind},
            now=now,
            **common,
        )
        swap = _new(charge_point.pk, command.pk, id_tag, kind, BatterySwapState.REQUESTED, now)
        swap.command, swap.id_token = command, token
        swap.save()
    return command


def battery_swap_answered(
    *,
    command: Command,
    request_id: int,
    id_tag: str,
    id_tag_type: str,
    status: str,
    word: str,
    now: datetime,
) -> bool:
    """What the answer to RequestBatterySwap means, which batteries may overtake. True where accepted."""
    accepted = status == "Accepted"
    with transaction.atomic():
        swap = _latest(command.charge_point_id, request_id)
        if swap is None:
            swap = _new(
                command.charge_point_id, request_id, id_tag, id_tag_type, BatterySwapState.REQUESTED, now
            )
            swap.id_token = _token(command.organization_id, id_tag)
        if swap.state in {BatterySwapState.REQUESTED, BatterySwapState.UNDELIVERED}:
            swap.state = BatterySwapState.ACCEPTED if accepted else BatterySwapState.REFUSED
            swap.changed_at = now
        swap.command, swap.word = command, word
        swap.save()
    return accepted


def battery_swap_event(
    *, organization_id: int, charge_point_id: int, swapped: Swapped, now: datetime
) -> BatterySwap:
    """Keep what was brought, taken or not taken; a repeat changes nothing (S03.FR.01, FR.03, FR.06).

    A request id that is used again, for another tag or long after its swap was over, begins another one.
    """
    with transaction.atomic():
        ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point_id)
        swap = _latest(charge_point_id, swapped.request_id)
        if swap is not None and _repeats(swap, swapped):
            return swap
        if swap is None or _is_another(swap, swapped, now):
            swap = _new(
                charge_point_id,
                swapped.request_id,
                swapped.id_tag,
                swapped.id_tag_type,
                BatterySwapState.HALF,
                now,
            )
        swap.id_token = swap.id_token or _token(organization_id, swapped.id_tag)
        _take(swap, swapped, now)
        swap.save()
        _tell(swap, swapped, organization_id, now)
    return swap


def _take(swap: BatterySwap, swapped: Swapped, now: datetime) -> None:
    if swapped.kind == IN:
        swap.batteries_in, swap.in_at = _joined(swap.batteries_in, swapped.batteries), swap.in_at or now
    elif swapped.kind == OUT:
        swap.batteries_out, swap.out_at = _joined(swap.batteries_out, swapped.batteries), swap.out_at or now
    else:
        swap.not_taken_at = now
    if swap.in_at and swap.out_at:
        state = BatterySwapState.DONE
    elif swap.not_taken_at and not swap.out_at:
        state = BatterySwapState.NOT_TAKEN
    else:
        state = BatterySwapState.HALF
    if state != swap.state:
        swap.state, swap.changed_at = state, now


def _joined(known: list[Battery], said: Sequence[Battery]) -> list[Battery]:
    return [*known, *(battery for battery in said if battery not in known)]


def _repeats(swap: BatterySwap, swapped: Swapped) -> bool:
    if swapped.kind == TIMEOUT:
        return swap.not_taken_at is not None
    known = swap.batteries_in if swapped.kind == IN else swap.batteries_out
    return bool(known) and all(battery in known for battery in swapped.batteries)


def _is_another(swap: BatterySwap, swapped: Swapped, now: datetime) -> bool:
    """True where a charge point counts anew: the swap is over, for somebody else or long ago."""
    same = swap.id_tag.upper() == swapped.id_tag.upper() and swap.changed_at > now - PATIENCE
    return swap.state in OVER and not same


def _tell(swap: BatterySwap, swapped: Swapped, organization_id: int, now: datetime) -> None:
    kinds = {IN: "battery.brought", OUT: "battery.taken", TIMEOUT: "battery.not_taken"}
    event_append(
        organization_id=organization_id,
        charge_point_id=swap.charge_point_id,
        kind=kinds[swapped.kind],
        subject=swapped.id_tag,
        data={"swap_id": swap.pk, "batteries": [battery["serialNumber"] for battery in swapped.batteries]},
        now=now,
    )


def _latest(charge_point_id: int, request_id: int) -> BatterySwap | None:
    rows = BatterySwap.objects.select_for_update(of=("self",))
    return rows.filter(charge_point_id=charge_point_id, request_id=request_id).order_by("-pk").first()


def _token(organization_id: int, id_tag: str) -> IdToken | None:
    return IdToken.objects.filter(organization=organization_id, uid_key=id_tag.upper()).first()


def _new(
    charge_point_id: int,
    request_id: int,
    id_tag: str,
    id_tag_type: str,
    state: BatterySwapState,
    now: datetime,
) -> BatterySwap:
    return BatterySwap(
        charge_point_id=charge_point_id,
        request_id=request_id,
        id_tag=id_tag,
        id_tag_type=id_tag_type,
        state=state,
        changed_at=now,
        created_at=now,
    )
