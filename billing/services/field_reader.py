"""Reads JSON objects field by field and collects every fault by its path instead of stopping at the first."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid

MAX_DECIMALS = 8


class FieldReader:
    """Faults found so far, by path (`elements.0.price_components.1.price`)."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}

    def finish(self, message: str) -> None:
        """Raise Invalid with every fault, where there is one."""
        if self.faults:
            raise Invalid(message, fields=self.faults)

    def known(self, data: Mapping[str, Any], fields: frozenset[str], path: str) -> None:
        """Refuse fields that are not understood: they would change the price."""
        for name in sorted(data.keys() - fields):
            self.faults[f"{path}.{name}"] = _("This field is not known here.")

    def items(self, data: Mapping[str, Any], name: str, path: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The objects of a list that must have at least one, each with its path."""
        items = data.get(name)
        if not isinstance(items, list | tuple) or not items:
            self.faults[path] = _("A list with at least one entry is needed.")
            return []
        return list(self._objects(items, path))

    def _objects(self, items: list[Any] | tuple[Any, ...], path: str) -> Iterator[tuple[str, Any]]:
        for index, item in enumerate(items):
            if isinstance(item, Mapping):
                yield f"{path}.{index}", item
            else:
                self.faults[f"{path}.{index}"] = _("An object is needed.")

    def number(
        self,
        data: Mapping[str, Any],
        name: str,
        path: str,
        highest: Decimal,
        lowest: Decimal = Decimal(0),
        places: int = MAX_DECIMALS,
    ) -> Decimal:
        """A number within limits, with at most so many decimals; 0 where it is at fault."""
        value = to_decimal(data.get(name))
        if value is None or not lowest <= value <= highest or _decimals(value) > places:
            self.faults[joined(path, name)] = _(
                "A number from {lowest} to {highest} with at most {places} decimals is needed."
            ).format(lowest=lowest, highest=highest, places=places)
            return Decimal(0)
        return value

    def whole(self, data: Mapping[str, Any], name: str, path: str, lowest: int, highest: int) -> int | None:
        """A whole number within limits; None where it is at fault."""
        value = data.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.faults[joined(path, name)] = _(
                "A whole number from {lowest} to {highest} is needed."
            ).format(lowest=lowest, highest=highest)
            return None
        return value

    def moment(self, data: Mapping[str, Any], name: str, path: str = "") -> datetime | None:
        """An OCPI DateTime (RFC 3339; UTC where no zone is named); None where it is missing or at fault."""
        value = data.get(name)
        if value is None:
            return None
        try:
            return to_moment(value)
        except (TypeError, ValueError, OverflowError):
            self.faults[joined(path, name)] = _("A time such as 2026-10-25T00:30:00Z is needed.")
        return None


def joined(path: str, name: str) -> str:
    """The path of a field of an object; the outermost object has no path."""
    return f"{path}.{name}" if path else name


def to_moment(value: Any) -> datetime:
    """A time as aware UTC; raises TypeError or ValueError."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def to_decimal(value: Any) -> Decimal | None:
    """A finite number as Decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
