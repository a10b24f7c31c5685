"""The wanted values of a configuration profile, checked where people and programs write them."""

from typing import Any

from django.utils.translation import gettext as _

from central.ocpp.masking import is_secret_name
from central.services.device_places import item_check
from emobility.lib.errors import Invalid

MOST_VALUES = 500


def wanted_values(entries: Any) -> list[dict[str, Any]]:
    """The entries, cleaned. Raises Invalid where one has no value, stands there twice, or is a secret."""
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_VALUES:
        raise Invalid(_("A list of 1 to {most} values is needed.").format(most=MOST_VALUES))
    cleaned = [_checked(entry) for entry in entries]
    names = [str({key: value for key, value in each.items() if key != "value"}).lower() for each in cleaned]
    if len(set(names)) < len(names):
        raise Invalid(_("A name stands there twice."))
    return cleaned


def values_text(entries: list[dict[str, Any]]) -> str:
    """The entries as lines of text, as people write them."""
    return "\n".join(f"{_name(entry)} = {entry.get('value', '')}" for entry in entries)


def _checked(entry: Any) -> dict[str, Any]:
    item = item_check(entry)
    if "value" not in item:
        raise Invalid(_("An entry has no value: write name = value."))
    last = str(item.get("variable") or item.get("name", "")).split("[")[0].split("#")[0].rpartition(".")[2]
    if is_secret_name(last):
        raise Invalid(_("{name}: secrets do not belong into a profile.").format(name=last))
    return item


def _name(entry: dict[str, Any]) -> str:
    if entry.get("name"):
        return str(entry["name"])
    place = f"{entry['evse']}" if entry.get("evse") else ""
    place += f"/{entry['connector']}" if entry.get("connector") else ""
    owner = entry.get("component", "") + _instance(entry.get("component_instance"))
    name = entry.get("variable", "") + _instance(entry.get("instance"))
    suffix = f"#{entry['attribute']}" if entry.get("attribute", "Actual") != "Actual" else ""
    return (f"{place}:" if place else "") + f"{owner}.{name}".strip(".") + suffix


def _instance(name: Any) -> str:
    return f"[{name}]" if name else ""
