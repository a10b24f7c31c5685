"""The life of local lists: ordered, answered, followed up (1.6 §5.10, §5.15, 2.x D01, D02)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import Command, LocalList, LocalListEntry
from central.models.command import CommandState
from central.models.local_list import LocalListState
from central.services.commands import DEFAULT_TTL, command_create
from central.services.local_list_content import Entry, entries_missing, entries_stored, list_wanted
from central.services.local_list_limits import local_list_limits
from central.signals import charge_point_changed
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict, Invalid
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.events import event_append

SEND: Final = "local_list_send"
ASK: Final = "local_list_version"
LARGEST: Final = 2**31 - 1
FULL, DIFFERENTIAL, EMPTY, NEEDED = "full", "differential", "empty", "needed"
NOT_SUPPORTED: Final = -1
WAITING: Final = (CommandState.QUEUED, CommandState.SENT)


def local_list_order(
    *,
    charge_point: ChargePoint,
    params: Mapping[str, Any],
    requested_by: User | None = None,
    reason: str = "",
    source: str = "system",
    ttl: timedelta = DEFAULT_TTL,
    part_of: Command | None = None,
    now: datetime,
) -> Command:
    """Queue a list, or changes of it, under the version asked for, else the next one. Raises Conflict."""
    with transaction.atomic():
        row = _locked(charge_point.pk)
        version = params.get("version")
        if version is None:
            version = _next(row)
        command = command_create(
            charge_point=charge_point,
            order=SEND,
            params={**params, "version": version},
            requested_by=requested_by,
            reason=reason,
            source=source,
            ttl=ttl,
            part_of=part_of,
            now=now,
        )
        row.wanted_version, row.command = version, command
        _move(row, LocalListState.SENDING, now)
    return command


def local_list_message(*, command: Command, version: str, now: datetime) -> tuple[bool, list[Entry]]:
    """Whether a full list leaves, and its entries, from what the policy says now; as many as fit into one.

    What is left follows when this was accepted.
    """
    charge_point, update = command.charge_point, str(command.params.get("update", NEEDED))
    row = LocalList.objects.get(charge_point=charge_point)
    if update == EMPTY:
        return True, []
    limits = local_list_limits(charge_point.pk)
    wanted = list_wanted(charge_point=charge_point, version=version, most=limits.most, now=now)
    LocalList.objects.filter(pk=row.pk).update(left_out=wanted.left_out)
    full = update == FULL or (update == NEEDED and not (row.trusted and row.version > 0))
    if full:
        return True, list(wanted.entries[: limits.at_once])
    return False, entries_missing(wanted.entries, entries_stored(row.charge_point_id))[: limits.at_once]


def local_list_accepted(
    *, command: Command, version: int, full: bool, entries: Sequence[Entry], ocpp_version: str, now: datetime
) -> None:
    """The charge point holds what was sent, under `version`; where more is to follow it is ordered now."""
    row = _locked(command.charge_point_id)
    _store(row, full=full, entries=entries)
    row.version = row.wanted_version = version
    row.trusted = row.trusted or full
    row.checked_at = now
    row.entries_count = LocalListEntry.objects.filter(local_list=row).count()
    missing = _missing(row, ocpp_version, now) if _follows_policy(command) else []
    if missing:
        row.save()
        _again(row, command, {"update": DIFFERENTIAL}, now)
        return
    row.synced_at = now
    _move(row, LocalListState.IN_STEP if row.trusted else LocalListState.BEHIND, now)
    _tell(row, "local_list.synced", {"version": version, "entries": row.entries_count}, now)


def local_list_refused(*, command: Command, status: str, why: str, full: bool, now: datetime) -> None:
    """The charge point did not take it: changes are followed once by the full list (1.6 §5.15, D01.FR.03)."""
    row = _locked(command.charge_point_id)
    row.trusted, row.checked_at = False, now
    row.error = f"{status}: {why}".strip(": ")[:255]
    if status == "NotSupported":
        _move(row, LocalListState.NOT_SUPPORTED, now, keep_error=True)
    elif not full and _follows_policy(command) and not command.params.get("second"):
        row.save()
        _again(row, command, {"update": FULL, "second": True}, now)
    else:
        _move(row, LocalListState.FAILED, now, keep_error=True)
        _tell(row, "local_list.failed", {"status": status}, now)


def local_list_reported(*, charge_point_id: int, version: int, now: datetime) -> None:
    """What a charge point says of its list: -1 it knows none, 0 it has none, else which one it has."""
    row = _locked(charge_point_id)
    row.reported_version, row.reported_at = version, now
    if version == NOT_SUPPORTED:
        _move(row, LocalListState.NOT_SUPPORTED, now)
    elif version == 0:
        _store(row, full=True, entries=())
        row.version, row.trusted, row.entries_count = 0, True, 0
        _move(row, LocalListState.BEHIND, now)
    elif version == row.version and row.trusted:
        _move(row, LocalListState.IN_STEP if row.state != LocalListState.BEHIND else row.state, now)
    else:
        row.version, row.trusted = version, False
        _move(row, LocalListState.BEHIND, now)


def local_list_version_set(
    *, charge_point: ChargePoint, version: int, requested_by: User, now: datetime
) -> LocalList:
    """Correct by hand which version the charge point is taken to have; its content is unknown from then on.

    The next list is a full one under a higher version. Raises Invalid, and Conflict while one is being sent.
    """
    if not 0 <= version <= LARGEST:
        fault = _("Between 0 and {most}.").format(most=LARGEST)
        raise Invalid(fault, {"version": fault})
    with transaction.atomic():
        row = _locked(charge_point.pk)
        if row.state == LocalListState.SENDING:
            raise Conflict(_("A list is on its way to it."))
        before, row.trusted = row.version, False
        row.version = row.wanted_version = version
        _move(row, LocalListState.BEHIND, now)
        audit_record(
            actor=requested_by,
            action="local_list.version_set",
            organization_id=charge_point.organization_id,
            object_type="charge_point",
            object_id=charge_point.cp_id,
            before={"version": before},
            after={"version": version},
            now=now,
        )
    return row


def local_list_command_ended(*, command_id: int, now: datetime) -> None:
    """An order about a list that ended without an answer to it leaves the list behind, or not supported."""
    command = Command.objects.filter(pk=command_id, order__in=(SEND, ASK)).first()
    if command is None or command.state in {*WAITING, CommandState.ACCEPTED, CommandState.REJECTED}:
        return
    with transaction.atomic():
        row = _locked(command.charge_point_id)
        if row.command_id != command_id or row.state != LocalListState.SENDING:
            return
        row.error, row.checked_at = (command.error or command.state)[:255], now
        never_left = command.state in {CommandState.EXPIRED, CommandState.CANCELLED}
        row.trusted = row.trusted and never_left
        _move(row, _state_without_answer(command, never_left=never_left), now, keep_error=True)


def _state_without_answer(command: Command, *, never_left: bool) -> LocalListState:
    if never_left:
        return LocalListState.BEHIND
    unable = command.error.startswith(("NotSupported", "NotImplemented"))
    return LocalListState.NOT_SUPPORTED if unable else LocalListState.FAILED


def local_list_asked(*, command: Command, now: datetime) -> None:
    """Note that the charge point is being asked for its version."""
    row = _locked(command.charge_point_id)
    row.command = command
    _move(row, LocalListState.SENDING, now)


def _locked(charge_point_id: int) -> LocalList:
    LocalList.objects.get_or_create(charge_point_id=charge_point_id)
    return LocalList.objects.select_for_update().get(charge_point_id=charge_point_id)


def _next(row: LocalList) -> int:
    """A version above all that we know of; 0 and -1 have a meaning of their own (1.6 erratum 3.52)."""
    latest = max(row.version, row.wanted_version, row.reported_version or 0, 0)
    return latest + 1 if latest < LARGEST else 1


def _follows_policy(command: Command) -> bool:
    """True where we chose the entries: what an operator wrote or emptied stays as it is."""
    is_own = command.order == SEND and not command.params.get("entries")
    return is_own and command.params.get("update") != EMPTY


def _missing(row: LocalList, ocpp_version: str, now: datetime) -> list[Entry]:
    most = local_list_limits(row.charge_point_id).most
    wanted = list_wanted(charge_point=row.charge_point, version=ocpp_version, most=most, now=now)
    row.left_out = wanted.left_out
    return entries_missing(wanted.entries, entries_stored(row.charge_point_id))


def _again(row: LocalList, command: Command, params: Mapping[str, Any], now: datetime) -> None:
    """Order the next message of the same list: to who ordered it, a part of that order."""
    kept = {"second": True} if command.params.get("second") else {}
    local_list_order(
        charge_point=row.charge_point,
        params={**kept, **params},
        requested_by=None,
        reason=command.reason,
        source=command.source,
        part_of=command,
        now=now,
    )


def _store(row: LocalList, *, full: bool, entries: Sequence[Entry]) -> None:
    stored = LocalListEntry.objects.filter(local_list=row)
    if full:
        stored.delete()
    elif entries:
        for part in range(0, len(entries), 500):
            keys = {entry.uid.upper() for entry in entries[part : part + 500]}
            types = {entry.token_type for entry in entries}
            stored.filter(uid_key__in=keys, token_type__in=types).delete()
    fresh = {entry.key: entry for entry in entries if entry.info is not None}
    LocalListEntry.objects.bulk_create(
        LocalListEntry(
            local_list=row,
            uid=entry.uid,
            uid_key=key[0],
            token_type=entry.token_type,
            info=dict(entry.info or {}),
        )
        for key, entry in fresh.items()
    )


def _move(row: LocalList, state: str, now: datetime, *, keep_error: bool = False) -> None:
    if row.state != state:
        row.state, row.state_at = state, now
    if not keep_error:
        row.error = ""
    row.save()
    after_commit(charge_point_changed, charge_point_id=row.charge_point_id)


def _tell(row: LocalList, kind: str, data: Mapping[str, Any], now: datetime) -> None:
    event_append(
        organization_id=row.charge_point.organization_id,
        charge_point_id=row.charge_point_id,
        kind=kind,
        subject=row.charge_point.cp_id,
        data=data,
        now=now,
    )
