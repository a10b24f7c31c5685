"""The price of a driver who has just shown a token: with the answer (2.x I01, 2.1 I08), or after it (1.6)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from central.ocpp.tariffs import tariff_2_1
from central.ocpp.tokens import id_token_info
from central.ports import TariffOffer, ports
from central.services.authorization import Authorization, Shown
from central.services.displays import devices_of, shows_costs
from central.signals import token_accepted
from emobility.lib.bell import after_commit

TEXT_LIMIT: Final = 512
"""MessageContentType.content of 2.0.1."""


def prices_follow(shown: Sequence[Shown], answers: Sequence[Authorization]) -> None:
    """Have the prices sent after the answers: 1.6 has no place for them in the answer (§3.1.2)."""
    for place, one in _displayed(shown, answers):
        token = answers[place].id_token_id
        if token is not None:
            after_commit(token_accepted, charge_point_id=one.charge_point_id, id_token_id=token)


def answers_with_prices(shown: Sequence[Shown], answers: Sequence[Authorization]) -> list[dict[str, Any]]:
    """AuthorizeResponse of 2.x: the tariff in words, where nothing else is to be told (I01.FR.01, FR.02).

    To 2.1 charge points that calculate also the driver's own tariff, where it is another one than that of
    everybody (I08.FR.01).
    """
    told = list(answers)
    more: dict[int, dict[str, Any]] = {}
    for place, one in _displayed(shown, answers):
        offer = _offer(one, told[place].id_token_id)
        if offer is not None and not told[place].message:
            told[place] = replace(told[place], message=offer.text[:TEXT_LIMIT])
        if offer is not None and one.version == "2.1":
            more[place] = _own_tariff(one, offer)
    return [{"idTokenInfo": id_token_info(one)} | more.get(place, {}) for place, one in enumerate(told)]


def _own_tariff(shown: Shown, offer: TariffOffer) -> dict[str, Any]:
    if not devices_of([shown.charge_point_id], now=shown.now)[shown.charge_point_id].calculates:
        return {}
    usual = _offer(shown, None)
    if usual is not None and (usual.tariff_id, usual.version) == (offer.tariff_id, offer.version):
        return {}
    try:
        return {"tariff": tariff_2_1(offer)}
    except ValueError:
        # OCPP cannot say it: the charge point goes on with its default, and the CDR says what it cost.
        return {}


def _offer(shown: Shown, id_token_id: int | None) -> TariffOffer | None:
    return ports.tariff_offer(
        charge_point_id=shown.charge_point_id, tariff_id="", at=shown.now, id_token_id=id_token_id
    )


def _displayed(shown: Sequence[Shown], answers: Sequence[Authorization]) -> list[tuple[int, Shown]]:
    """Those who may charge at a charge point that shows prices, by place."""
    accepted = [(place, one) for place, one in enumerate(shown) if answers[place].accepted]
    if not accepted:
        return []
    owners = {one.charge_point_id: one.organization_id for _, one in accepted}
    displays = shows_costs(owners, now=accepted[0][1].now)
    return [(place, one) for place, one in accepted if one.charge_point_id in displays]
