"""Lenient in, strict out: a partner's deviations are tolerated by its profile, and written down."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F

from ocpi.core.errors import ParametersInvalid
from ocpi.core.fields import Schema
from ocpi.core.versions import covers
from ocpi.models import Deviation, Partner
from ocpi.models.deviation import Sloppiness

USUAL: Final[Mapping[Sloppiness, bool]] = {
    **dict.fromkeys(Sloppiness, True),
    Sloppiness.MISSING_FIELDS: False,
}
"""What is tolerated of a partner whose profile says nothing."""
WRITTEN_EVERY_SECONDS: Final = 60


def tolerates(partner: Partner, kind: Sloppiness) -> bool:
    """Whether the partner's profile lets this pass."""
    return bool(partner.leniency.get(kind.value, USUAL[kind]))


def meet(partner: Partner, kind: Sloppiness, detail: str, now: datetime) -> None:
    """The partner did this: write it down, and raise ParametersInvalid (2001) where it is not tolerated."""
    tolerated = tolerates(partner, kind)
    note(partner, kind, detail, now, tolerated=tolerated)
    if not tolerated:
        raise ParametersInvalid(f"{kind.label.capitalize()}: {detail}".rstrip(": ") + ".")


def note(partner: Partner, kind: Sloppiness, detail: str, now: datetime, *, tolerated: bool = True) -> None:
    """Write a deviation down, at most once a minute for each partner and kind."""
    if not cache.add(f"ocpi:deviation:{partner.pk}:{kind}:{tolerated:d}", 1, WRITTEN_EVERY_SECONDS):
        return
    values = {"detail": detail[:255], "tolerated": tolerated, "last_seen_at": now}
    row = Deviation.objects.filter(partner=partner, kind=kind)
    if row.update(count=F("count") + 1, **values):
        return
    try:
        with transaction.atomic():
            Deviation.objects.create(partner=partner, kind=kind, first_seen_at=now, **values)
    except IntegrityError:
        row.update(count=F("count") + 1, **values)


def read(
    partner: Partner,
    schema: Schema,
    body: Any,
    version: str,
    now: datetime,
    *,
    needed: Sequence[str] = (),
    partial: bool = False,
) -> dict[str, Any]:
    """An object of a partner by its profile; raises ParametersInvalid (2001).

    Unknown fields may be refused before 2.3.0, where they never may. Missing ones may be let pass, except
    those that are `needed`: what was missing is missing in the result.
    """
    parsed, faults = schema.examine(body, version, partial=partial)
    extra = schema.unknown(body, version)
    if extra:
        _extra(partner, f"{schema.name}: {', '.join(extra)}", version, now)
    missing = [name for name, fault in faults.items() if name and fault == "is missing"]
    if not faults:
        return parsed
    if len(missing) < len(faults) or not tolerates(partner, Sloppiness.MISSING_FIELDS):
        raise schema.fault(faults)
    if any(name in needed for name in missing):
        raise schema.fault({name: faults[name] for name in missing if name in needed})
    meet(partner, Sloppiness.MISSING_FIELDS, f"{schema.name}: {', '.join(missing)}", now)
    return parsed


def _extra(partner: Partner, detail: str, version: str, now: datetime) -> None:
    if covers(version, "2.3.0", None):
        note(partner, Sloppiness.EXTRA_FIELDS, detail, now)
    else:
        meet(partner, Sloppiness.EXTRA_FIELDS, detail, now)
