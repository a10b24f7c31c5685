"""The price of a driver who has just shown a token: with the answer (2.x I01), or after it (1.6 §3.1.2)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from central.ports import ports
from central.services.authorization import Authorization, Shown
from central.services.displays import shows_costs
from central.signals import token_accepted
from emobility.lib.bell import after_commit

TEXT_LIMIT: Final = 512
"""MessageContentType.content of 2.0.1."""


def prices_follow(shown: Sequence[Shown], answers: Sequence[Authorization]) -> None:
    """Have the prices sent after the answers: 1.6 has no place for them in the answer."""
    for place, one in _displayed(shown, answers):
        token = answers[place].id_token_id
        if token is not None:
            after_commit(token_accepted, charge_point_id=one.charge_point_id, id_token_id=token)


def prices_with(shown: Sequence[Shown], answers: Sequence[Authorization]) -> list[Authorization]:
    """The answers with the tariff in words, where nothing else is to be told (I01.FR.01, FR.02)."""
    told = list(answers)
    for place, one in _displayed(shown, answers):
        if not told[place].message:
            offer = ports.tariff_offer(charge_point_id=one.charge_point_id, tariff_id="", at=one.now)
            if offer is not None:
                told[place] = replace(told[place], message=offer.text[:TEXT_LIMIT])
    return told


def _displayed(shown: Sequence[Shown], answers: Sequence[Authorization]) -> list[tuple[int, Shown]]:
    """Those who may charge at a charge point that shows prices, by place."""
    accepted = [(place, one) for place, one in enumerate(shown) if answers[place].accepted]
    if not accepted:
        return []
    owners = {one.charge_point_id: one.organization_id for _, one in accepted}
    displays = shows_costs(owners, now=accepted[0][1].now)
    return [(place, one) for place, one in accepted if one.charge_point_id in displays]
