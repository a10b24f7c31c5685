"""Answers of providers about their tokens: kept, read, and asked for before a charge point is answered.

A provider is asked about tokens that say so (OCPI WhitelistType NEVER, ALLOWED_OFFLINE), never about those of
app users, and not for GRANTED after it ordered something for the token at the charge point
(OCPI 2.2.1 §13.3.5).
"""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from central.models import IdToken, ProviderAnswer
from central.models.id_token import ASKED
from central.ports import ProviderAnswer as Answer
from central.ports import ProviderQuestion, ports
from central.services.prepared import Prepared

GOOD_FOR: Final = timedelta(minutes=5)
"""From the card at the reader to the start: one use of the token, one question."""
GRANTED: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=30)
APP_TYPES: Final = ("APP_USER", "AD_HOC_USER")
LOOK_EVERY: Final = 2.0
LOOK_WITHIN: Final = 0.5
"""A message that was to look and has not by then is followed by another."""
Place = tuple[int, int]
"""Charge point and token."""


@dataclass(frozen=True, slots=True)
class ProviderSaid:
    """What still counts of a provider's answer."""

    status: str
    reference: str
    message: str
    by_order: bool
    good_until: datetime


def provider_answers_read(places: Collection[Place], *, now: datetime) -> dict[Place, ProviderSaid]:
    """The answers that still count, by charge point and token. One statement."""
    rows = _answers.rows(
        charge_points={place for place, _ in places}, tokens={token for _, token in places}, now=now
    )
    return {(place, token): ProviderSaid(*values) for place, token, *values in rows}


_answers: Final = Prepared(
    lambda charge_points, tokens, now: (
        ProviderAnswer.objects.filter(
            charge_point_id__among=charge_points, id_token_id__among=tokens, good_until__gt=now
        )
        .order_by()
        .values_list(
            "charge_point_id", "id_token_id", "status", "reference", "message", "by_order", "good_until"
        )
    )
)


def provider_answer_keep(
    *,
    organization_id: int,
    charge_point_id: int,
    id_token_id: int,
    answer: Answer,
    by_order: bool = False,
    now: datetime,
) -> None:
    """Keep what the provider said of a token at a charge point; it replaces what it said before."""
    ProviderAnswer.objects.update_or_create(
        charge_point_id=charge_point_id,
        id_token_id=id_token_id,
        defaults={
            "organization_id": organization_id,
            "status": answer.status,
            "word": answer.word[:20],
            "reference": answer.reference[:36],
            "message": answer.message[:512],
            "by_order": by_order,
            "at": now,
            "good_until": now + (GRANTED if by_order else GOOD_FOR),
        },
    )


def provider_ask(
    *,
    organization_id: int,
    charge_point_id: int,
    uid: str,
    evse_number: int = 0,
    starting: bool = False,
    now: datetime,
) -> None:
    """Ask the provider of a token, where it has to be asked, and keep the answer. No transaction may be open.

    A start lives on the answer to the card that was shown before it. Nothing is kept where nobody answers:
    then the whitelist decides.
    """
    if not _watch.look():
        return
    rows = IdToken.objects.filter(organization_id=organization_id, uid_key=uid.upper(), whitelist__in=ASKED)
    rows = rows.filter(party__is_own=False).exclude(roaming_type__in=APP_TYPES)
    token_id = rows.values_list("pk", flat=True).first()
    if token_id is None:
        return
    known = provider_answers_read({(charge_point_id, token_id)}, now=now).get((charge_point_id, token_id))
    if known is not None and (known.by_order or starting):
        return
    answer = ports.provider_answer(
        ProviderQuestion(organization_id, charge_point_id, token_id, evse_number, now)
    )
    if answer is not None:
        provider_answer_keep(
            organization_id=organization_id,
            charge_point_id=charge_point_id,
            id_token_id=token_id,
            answer=answer,
            now=now,
        )


def provider_answers_clean(*, now: datetime) -> int:
    """Forget what stopped counting long ago; answers how many."""
    return ProviderAnswer.objects.filter(good_until__lt=now - KEPT).delete()[0]


def providers_have_a_say() -> bool:
    """True where some token's provider may have to be asked, as far as this process knows; never waits."""
    return _watch.value or _watch.is_old()


def providers_forget() -> None:
    """Look anew with the next message."""
    _watch.forget()


class _Watch:
    """Whether there are such tokens at all, looked up at most every LOOK_EVERY: most platforms have none.

    One message looks; until it has, others go by what was known, unless nothing is.
    """

    def __init__(self) -> None:
        self.value, self._known, self._lock = False, False, threading.Lock()
        self._until = self._looking_until = 0.0

    def is_old(self) -> bool:
        moment = time.monotonic()
        if moment < self._until or (self._known and moment < self._looking_until):
            return False
        self._looking_until = moment + LOOK_WITHIN
        return True

    def look(self) -> bool:
        with self._lock:
            if time.monotonic() >= self._until:
                self._until, self._known = time.monotonic() + LOOK_EVERY, True
                self.value = IdToken.objects.filter(whitelist__in=ASKED, party__is_own=False).exists()
        return self.value

    def forget(self) -> None:
        self._until, self._known = 0.0, False


_watch: Final = _Watch()
