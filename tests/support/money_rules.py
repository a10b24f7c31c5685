"""How strangers ask for foreign CDRs, reviews, tariffs and where these apply (T14)."""

from typing import Any

from billing.models import Cdr, Review, Tariff, TariffAssignment
from registry.models import ChargePoint


def _row(path: str, model: Any, key: str, rest: str) -> Any:
    return lambda world: f"api/{path}/{getattr(world.one(model), key)}{rest}/"


OBJECTS_MONEY = {
    **{f"api/^cdrs/(?P<cdr_id>[^/]+){to}/?$": _row("cdrs", Cdr, "cdr_id", to) for to in ("", "/correct")},
    **{
        f"api/^reviews/(?P<pk>[0-9]{{1,18}}){to}/?$": _row("reviews", Review, "pk", to)
        for to in ("", "/decide")
    },
    "api/^tariffs/(?P<pk>[0-9]{1,18})/ocpi/?$": lambda world: f"api/tariffs/{world.one(Tariff).pk}/ocpi/",
    "api/^tariffs/(?P<pk>[^/.]+)/?$": lambda world: f"api/tariffs/{world.one(Tariff).pk}",
    "api/^tariffs/applicable/?$": lambda world: (
        f"api/tariffs/applicable/?charge_point={world.one(ChargePoint).cp_id}"
    ),
    **{
        f"api/^tariff-assignments/(?P<pk>[0-9]{{1,18}}){to}/?$": _row(
            "tariff-assignments", TariffAssignment, "pk", to
        )
        for to in ("", "/end")
    },
}
"""One row of the other organisation."""
