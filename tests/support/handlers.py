"""A charge point at the level of handlers: requests and answers without a socket, both checked by schema."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from central.models import IdToken, Session
from central.ocpp.context import Context
from central.ocpp.router import ACTIONS
from central.ocpp.schemas import validate_request, validate_response
from registry.models import ChargePoint, Organization
from tests.support.messages import Frame, Transaction

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def charge_point_create(organization: Organization, cp_id: str = "", **fields: Any) -> ChargePoint:
    """A registered charge point."""
    return ChargePoint.objects.create(
        organization=organization, cp_id=cp_id or uuid.uuid4().hex, registered_at=NOW, **fields
    )


def token_create(organization: Organization, uid: str = "TAG-1", **fields: Any) -> IdToken:
    """A token that may charge, as often at once as it likes."""
    return IdToken.objects.create(organization=organization, uid=uid, **{"concurrent_sessions": 0} | fields)


class Bench:
    """One charge point in one version; `now` is Central's clock."""

    def __init__(self, charge_point: ChargePoint, version: str, now: datetime = NOW) -> None:
        self.charge_point = charge_point
        self.version = version
        self.now = now

    def context(self) -> Context:
        """The context of the next message."""
        return Context(
            charge_point_id=self.charge_point.pk,
            cp_id=self.charge_point.cp_id,
            organization_id=self.charge_point.organization_id,
            version=self.version,
            message_id=uuid.uuid4().hex,
            now=self.now,
            connection_id=uuid.uuid4(),
        )

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request, committed."""
        return self.call_all([(action, payload)])[0]

    def call_all(self, frames: Sequence[Frame]) -> list[dict[str, Any]]:
        """The answers to requests of one action; those that may share a transaction do."""
        return call_together((self, frame) for frame in frames)

    def at(self, now: datetime) -> "Bench":
        """The same charge point at another time of Central's clock."""
        return Bench(self.charge_point, self.version, now)

    def after(self, **passed: float) -> "Bench":
        """The same charge point some time later."""
        return self.at(self.now + timedelta(**passed))

    def begin(self, tag: str = "TAG-1", connector: int = 1, wh: int = 0, **changes: Any) -> Transaction:
        """A transaction whose start was answered."""
        began = Transaction(self.version, tag, connector)
        at = changes.pop("at", self.now)
        began.started(self.call(*began.start(wh, at, **changes)))
        return began

    def sessions(self) -> list[Session]:
        """The charge point's sessions, oldest row first."""
        return list(Session.objects.filter(charge_point=self.charge_point).order_by("pk"))

    def session(self) -> Session:
        """Its only session."""
        (session,) = self.sessions()
        return session


def call_together(calls: Iterable[tuple[Bench, Frame]]) -> list[dict[str, Any]]:
    """Serve requests of any charge points: one transaction for what may be batched, else one each."""
    answers: list[dict[str, Any]] = []
    batch: list[tuple[Bench, Frame]] = []
    for bench, frame in calls:
        validate_request(bench.version, *frame)
        if batch and (bench.version, frame[0]) != (batch[0][0].version, batch[0][1][0]):
            answers += _flush(batch)
        entry = ACTIONS[bench.version, frame[0]]
        if entry.for_many(frame[1]):
            batch.append((bench, frame))
            continue
        answers += _flush(batch)
        assert entry.handle is not None
        with transaction.atomic():
            answers.append(entry.handle(bench.context(), frame[1]))
        validate_response(bench.version, frame[0], answers[-1])
    return answers + _flush(batch)


def _flush(batch: list[tuple[Bench, Frame]]) -> list[dict[str, Any]]:
    if not batch:
        return []
    bench, (action, _) = batch[0]
    handle_many = ACTIONS[bench.version, action].handle_many
    assert handle_many is not None
    with transaction.atomic():
        answers = list(handle_many([(each.context(), frame[1]) for each, frame in batch]))
    assert len(answers) == len(batch)
    for answer in answers:
        validate_response(bench.version, action, answer)
    batch.clear()
    return answers
