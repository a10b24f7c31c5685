"""What charge points told last of their variables: values, traits, refusals (2.x B05-B08; 1.6 §5.3, §5.8)."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from central.models import Variable
from central.models.variable import Source
from central.services.device_places import ACTUAL, Place
from central.services.displays import KEYS, display_forget
from registry.models import ChargePoint
from registry.services.events import event_append

HIDDEN: Final = "***"
"""What stands for the value of a secret, which is never kept."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""An event is history when it is older than what we know by more than clocks may differ."""
MOST: Final = 20_000
"""Variables of one charge point; of names beyond these only the message log tells."""
_CHUNK: Final = 500
_WRITTEN: Final = (
    "value",
    "mutability",
    "attributes",
    "data_type",
    "unit",
    "min_limit",
    "max_limit",
    "max_elements",
    "values_list",
    "supports_monitoring",
    "source",
    "changed_at",
    "told_at",
    "reboot_since",
    "unnamed_since",
    "word",
    "word_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing said of a variable's attribute.

    `value` is None where none was told. `details`: mutability, persistent, constant of the attribute;
    `traits`: characteristics as columns of Variable. `word` is a refusal instead. `at` is the charge point's
    time of an event: what was told later stays.
    """

    place: Place
    value: str | None = None
    secret: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    word: str = ""
    reboot: bool = False
    at: datetime | None = None


def variables_record(*, charge_point_id: int, told: Sequence[Told], source: Source, now: datetime) -> int:
    """Keep what was told, a few hundred in a constant number of statements; how many rows it touched."""
    touched = 0
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        for chunk in _chunks(told):
            touched += _record(charge_point_id, chunk, source, now)
        if not KEYS.isdisjoint(each.place.key for each in told):
            transaction.on_commit(partial(display_forget, charge_point_id))
    return touched


def variables_set(*, charge_point: ChargePoint, told: Sequence[Told], now: datetime) -> bool:
    """Keep the answers to a change of values; True where all were accepted. A change is told to others."""
    variables_record(charge_point_id=charge_point.pk, told=told, source=Source.SET, now=now)
    taken = [each.place.name for each in told if not each.word]
    if taken:
        event_append(
            organization_id=charge_point.organization_id,
            charge_point_id=charge_point.pk,
            kind="configuration.changed",
            subject=charge_point.cp_id,
            data={"names": taken, "reboot_required": any(each.reboot for each in told)},
            now=now,
        )
    return len(taken) == len(told)


def reboots_settle(*, charge_point_ids: Set[int]) -> int:
    """What waited for a restart that came since waits no more; how many values."""
    waiting = Variable.objects.filter(charge_point_id__in=charge_point_ids, reboot_since__isnull=False)
    over = waiting.filter(charge_point__live__booted_at__gte=F("reboot_since"))
    return Variable.objects.filter(pk__in=list(over.values_list("pk", flat=True))).update(reboot_since=None)


def charge_point_lock(charge_point_id: int) -> None:
    """One writer at a time for the device model of a charge point, until the transaction ends."""
    ChargePoint.objects.select_for_update(no_key=True).filter(pk=charge_point_id).first()


def limit_of(charge_point_id: int, component: str, instance: str) -> int | None:
    """ItemsPerMessage as the charge point told it (2.x B05.FR.11, B06.FR.05); None where it did not."""
    return _number(charge_point_id, Place("ItemsPerMessage", component, instance=instance))


def keys_limit(charge_point_id: int) -> int | None:
    """GetConfigurationMaxKeys (1.6 §9.1.9); None where it was not told."""
    return _number(charge_point_id, Place("GetConfigurationMaxKeys"))


def _number(charge_point_id: int, place: Place) -> int | None:
    row = Variable.objects.filter(charge_point_id=charge_point_id, key=place.key).first()
    text = row.value.strip() if row else ""
    return int(text) if text.isdecimal() and 0 < len(text) < 10 and int(text) > 0 else None


def _chunks(told: Sequence[Told]) -> Iterator[list[Told]]:
    rest = iter(told)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _record(charge_point_id: int, told: Sequence[Told], source: Source, now: datetime) -> int:
    keys = {each.place.key for each in told}
    mine = Variable.objects.filter(charge_point_id=charge_point_id)
    rows = {row.key: row for row in mine.filter(key__in=keys)}
    room = MOST - mine.count() if keys - rows.keys() else 0
    for each in told:
        key = each.place.key
        if key not in rows:
            if room <= 0:
                continue
            room -= 1
            rows[key] = Variable(charge_point_id=charge_point_id, **each.place.columns)
        _apply(rows[key], each, source, now)
    Variable.objects.bulk_create([row for row in rows.values() if row.pk is None])
    Variable.objects.bulk_update([row for row in rows.values() if row.pk is not None], _WRITTEN)
    return len(rows)


def _apply(row: Variable, told: Told, source: Source, now: datetime) -> None:
    if told.word:
        row.word, row.word_at = told.word[:30], now
        return
    if told.at is not None and row.told_at is not None and row.told_at > told.at + CLOCKS_DIFFER:
        return
    row.word, row.word_at = "", None
    row.source, row.told_at, row.unnamed_since = source, now, None
    for name, value in told.traits.items():
        setattr(row, name, value)
    if source == Source.SET:
        row.reboot_since = now if told.reboot else None
    attribute = _attribute(row, told, source, now)
    if told.place.attribute == ACTUAL:
        row.value = attribute.get("value", "")
        row.mutability = attribute.get("mutability", "")


def _attribute(row: Variable, told: Told, source: Source, now: datetime) -> dict[str, Any]:
    """The attribute as it is now, written into the row."""
    before: dict[str, Any] = row.attributes.get(told.place.attribute, {})
    after: dict[str, Any] = before | dict(told.details) | {"told_at": now.isoformat(), "source": source.value}
    after |= _value(told, after)
    changed = after.get("value") != before.get("value") or (told.secret and source == Source.SET)
    if changed:
        after["changed_at"] = now.isoformat()
        if told.place.attribute == ACTUAL:
            row.changed_at = now
    row.attributes = row.attributes | {told.place.attribute: after}
    return after


def _value(told: Told, attribute: Mapping[str, Any]) -> dict[str, Any]:
    """A value that cannot be read stays as it was set; any other that is not told is none."""
    if told.secret:
        return {"value": HIDDEN}
    if told.value is not None:
        return {"value": told.value}
    return {} if attribute.get("mutability") == "WriteOnly" else {"value": ""}
