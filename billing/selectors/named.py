"""Connectors and partners by the names that people write, among those that somebody may see."""

from typing import Any

from central.models import Connector
from registry.models import Party

EMSP = "EMSP"


def connector_named(text: str, user: Any) -> Connector | None:
    """The visible connector `<charge point>/<EVSE>/<connector>`; without the last it is connector 1."""
    parts = text.strip().rsplit("/", 2)
    if len(parts) == 3 and not _is_number(parts[1]):
        parts = [f"{parts[0]}/{parts[1]}", parts[2]]
    numbers = parts[1:] if len(parts) == 3 else [*parts[1:], "1"]
    if "\x00" in text or len(numbers) != 2 or not all(_is_number(each) for each in numbers):
        return None
    rows: Any = Connector.objects.visible_to(user).select_related("evse", "charge_point")
    return rows.filter(  # type: ignore[no-any-return]
        charge_point__cp_id=parts[0].strip(), evse__number=int(numbers[0]), number=int(numbers[1])
    ).first()


def connector_text(connector: Connector) -> str:
    """As a person writes it."""
    return f"{connector.charge_point.cp_id}/{connector.evse.number}/{connector.number}"


def party_named(text: str, user: Any) -> Party | None:
    """The visible party `<country>-<party id>`: the eMSP of that name where it has several roles."""
    country, _dash, party_id = text.strip().partition("-")
    if "\x00" in text or not party_id:
        return None
    rows: Any = Party.objects.visible_to(user)
    found = list(rows.filter(country_code__iexact=country, party_id__iexact=party_id).order_by("pk"))
    return next((each for each in found if each.role == EMSP), found[0] if found else None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
