"""Id tokens in bulk: made, changed and blocked by uid; every row's fault first, then all of it or nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from central.models import IdToken, IdTokenGroup
from emobility.lib.csv_files import Row
from emobility.lib.errors import Forbidden, Invalid
from registry.models import Organization, User
from registry.rights import Right, may
from registry.services.audit import audit_record

COLUMNS: Final = (
    "uid",
    "type",
    "group",
    "holder",
    "contract_id",
    "blocked",
    "valid_from",
    "expires_at",
    "language",
)
REQUIRED: Final = ("uid",)
LENGTHS: Final = {"uid": 255, "type": 20, "group": 36, "holder": 100, "contract_id": 36, "language": 8}
SWITCH: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
NAMES: Final = {"type": "token_type"}


@dataclass(slots=True)
class PlannedToken:
    """What would become of a row: `new`, `change`, `same` or `fault`, with the faults by column.

    `changes` are the values of the model's fields; a column that the file does not have changes nothing.
    """

    line: int
    values: dict[str, str]
    state: str = "new"
    faults: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    group: str | None = None
    row: IdToken | None = None


def id_tokens_plan(*, actor: User, organization: Organization, rows: Sequence[Row]) -> list[PlannedToken]:
    """Each row with what would become of it. Raises Forbidden."""
    if not may(actor, Right.OPERATE) or not (actor.sees_all or actor.organization_id == organization.pk):
        raise Forbidden(_("Your role may not change id tokens."))
    keys = [row.values.get("uid", "").upper() for row in rows]
    known = IdToken.objects.filter(organization=organization, uid_key__in=keys).select_related("group")
    there = {token.uid_key: token for token in known}
    counts = Counter(keys)
    planned = [PlannedToken(row.line, row.values) for row in rows]
    for each, key in zip(planned, keys, strict=True):
        each.row = there.get(key)
        _read(each)
        if counts[key] > 1:
            each.faults["uid"] = _("It stands in the file more than once.")
        each.state = _state(each)
    return planned


def id_tokens_import(
    *, actor: User, organization: Organization, rows: Sequence[Row], address: str = "", now: datetime
) -> dict[str, int]:
    """Make and change all of the rows, or none: how many were new, changed, same. Raises Invalid."""
    with transaction.atomic():
        planned = id_tokens_plan(actor=actor, organization=organization, rows=rows)
        wrong = [each for each in planned if each.faults]
        if wrong:
            faults = {f"line {each.line}": "; ".join(each.faults.values()) for each in wrong}
            raise Invalid(_("Nothing was changed: some rows are wrong."), faults)
        groups = _groups(organization, planned)
        for each in planned:
            if each.state != "same":
                _write(each, organization, groups)
        done = Counter(each.state for each in planned)
        counts = {name: done[name] for name in ("new", "change", "same")}
        audit_record(
            actor=actor,
            action="id_tokens.imported",
            organization_id=organization.pk,
            object_type="id_token",
            after=counts,
            remote_address=address,
            now=now,
        )
    return counts


def _read(each: PlannedToken) -> None:
    for name, text in each.values.items():
        if len(text) > LENGTHS.get(name, len(text)):
            each.faults[name] = _("At most {most} characters.").format(most=LENGTHS[name])
        elif name == "group":
            each.group = text
        else:
            _value(each, name, text)
    if not each.values.get("uid", "").isprintable() or not each.values.get("uid"):
        each.faults["uid"] = _("It needs a uid of printable characters.")


def _value(each: PlannedToken, name: str, text: str) -> None:
    if name == "blocked":
        if text.lower() not in SWITCH:
            each.faults[name] = _("true or false")
        each.changes[name] = SWITCH.get(text.lower(), False)
    elif name in {"valid_from", "expires_at"}:
        each.changes[name] = _moment(each, name, text)
    elif name != "type" or text:
        each.changes[NAMES.get(name, name)] = text


def _moment(each: PlannedToken, name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text if len(text) > len("2026-01-01") else f"{text}T00:00:00")
    except ValueError:
        found = None
    if found is None:
        each.faults[name] = _("A time like 2026-12-31T23:00:00Z.")
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _state(each: PlannedToken) -> str:
    if each.faults:
        return "fault"
    if each.row is None:
        return "new"
    group = each.row.group.uid if each.row.group else ""
    same_group = each.group is None or each.group == group
    changed = [
        name for name, value in each.changes.items() if name != "uid" and getattr(each.row, name) != value
    ]
    return "change" if changed or not same_group else "same"


def _groups(organization: Organization, planned: Sequence[PlannedToken]) -> dict[str, IdTokenGroup]:
    """The groups that are named; those that are not there yet are made."""
    wanted = {each.group for each in planned if each.group}
    return {
        uid: IdTokenGroup.objects.get_or_create(organization=organization, uid=uid)[0]
        for uid in sorted(wanted)
    }


def _write(each: PlannedToken, organization: Organization, groups: Mapping[str, IdTokenGroup]) -> None:
    token = each.row or IdToken(organization=organization)
    for name, value in each.changes.items():
        if name != "uid" or each.row is None:
            setattr(token, name, value)
    if each.group is not None:
        token.group = groups.get(each.group)
    token.save()
