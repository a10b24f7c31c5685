"""From facts to live sockets: gathers what changed for a moment and tells the hubs of all processes."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Set
from typing import Any, Final

from django.dispatch import receiver

from central.models import Command, Session
from central.services.prepared import Prepared
from central.signals import (
    charge_point_changed,
    command_finished,
    command_queued,
    connector_changed,
    session_ended,
    session_started,
    session_updated,
)
from emobility.lib import bell
from emobility.lib.live import changes_tell
from registry.models import ChargePoint
from registry.signals import charge_point_registered, charge_point_revoked

GATHER_SECONDS: Final = 0.1
TOGETHER_SECONDS: Final = 0.05
MOST_OWNERS: Final = 20_000
MOST_TOPICS: Final = 2_000
PLATFORM: Final = None
"""In place of an organisation: what only the platform's administrators are told."""


class Feed:
    """Topics by organisation, sent together after a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._topics: dict[int | None, set[str]] = {}
        self._timer: threading.Timer | None = None

    def add(self, organization_id: int | None, topics: Iterable[str]) -> None:
        """Note what changed; the first note starts the clock."""
        with self._lock:
            self._topics.setdefault(organization_id, set()).update(topics)
            if self._timer is None:
                self._timer = threading.Timer(TOGETHER_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Send what was noted."""
        with self._lock:
            noted, self._topics = self._topics, {}
            self._timer = None
        for organization_id, topics in noted.items():
            told = sorted(topics) if len(topics) <= MOST_TOPICS else ["*"]
            changes_tell(organization_id=organization_id, topics=told)


class Owners:
    """Whose a charge point or session is, and where a session runs: asked once, these never change."""

    def __init__(self, model: Any, *columns: str) -> None:
        self._model, self._columns = model, columns
        self._known: OrderedDict[int, tuple[int, ...]] = OrderedDict()

    def of(self, key: int) -> tuple[int, ...] | None:
        """The columns of the row, or None where it is gone."""
        known = self._known.get(key)
        if known is not None:
            return known
        row: tuple[int, ...] | None = self._model.objects.filter(pk=key).values_list(*self._columns).first()
        if row is not None:
            self._known[key] = row
            if len(self._known) > MOST_OWNERS:
                self._known.popitem(last=False)
        return row


feed = Feed()
_charge_points = Owners(ChargePoint, "organization_id")


@bell.gathers(
    [charge_point_changed, connector_changed, charge_point_registered, charge_point_revoked],
    "charge_point_id",
    GATHER_SECONDS,
)
def tell_charge_points(charge_point_ids: Set[int]) -> None:
    """Charge points or connectors of theirs changed."""
    for charge_point_id in charge_point_ids:
        owner = _charge_points.of(charge_point_id)
        if owner is not None:
            feed.add(owner[0], [f"charge_point:{charge_point_id}"])


@bell.gathers([session_started, session_updated, session_ended], "session_id", GATHER_SECONDS)
def tell_sessions(session_ids: Set[int]) -> None:
    """Sessions began, moved or ended; so did their charge points."""
    for key, organization_id, charge_point_id in _sessions.rows(sessions=session_ids):
        feed.add(organization_id, [f"session:{key}", f"charge_point:{charge_point_id}"])


_sessions: Final = Prepared(
    lambda sessions: (
        Session.objects.filter(pk__among=sessions)
        .order_by()
        .values_list("pk", "organization_id", "charge_point_id")
    )
)


@receiver(command_queued, dispatch_uid="central.dashboard.command_queued")
def tell_command(command_id: int, charge_point_id: int, **_: Any) -> None:
    """An order was queued."""
    owner = _charge_points.of(charge_point_id)
    if owner is not None:
        feed.add(owner[0], [f"command:{command_id}", f"charge_point:{charge_point_id}"])


@receiver(command_finished, dispatch_uid="central.dashboard.command_finished")
def tell_finished(command_id: int, **_: Any) -> None:
    """An order was answered, or given up."""
    rows = Command.objects.filter(pk=command_id).values_list("organization_id", "charge_point_id")
    row = rows.first()
    if row is not None:
        feed.add(row[0], [f"command:{command_id}", f"charge_point:{row[1]}"])
