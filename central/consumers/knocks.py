"""The porter's book: refused handshakes, counted in memory and written together, whatever the flood.

A refusal costs a dictionary entry. Once a second what was noted is written in one transaction on the bell's
thread; of more than MOST different attempts in that second only the first ones are.
"""

import base64
import binascii
import threading
from collections.abc import Set
from dataclasses import replace
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import DatabaseError

from central.consumers.authentication import CP_ID, TOO_MANY, UNAUTHENTICATED, UNKNOWN, Knock, knock_of
from central.models.knock import RefusalReason
from central.services.knocks import Attempt, knocks_record
from emobility.lib import bell
from emobility.lib.clock import utc_now

MOST: Final = 200
SECONDS: Final = 1.0
NO_VERSION: Final = 0
"""Let in by its credentials, but no version in common."""
NOTED: Final = frozenset({UNAUTHENTICATED, UNKNOWN, TOO_MANY, NO_VERSION})

log = structlog.get_logger(__name__)


class Book:
    """What was refused since the last page was written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attempts: dict[tuple[str, RefusalReason], Attempt] = {}
        self._gather = bell.Gather(self._write, SECONDS)

    def note(self, attempt: Attempt) -> None:
        """Count an attempt."""
        key = (attempt.cp_id, attempt.reason)
        with self._lock:
            before = self._attempts.get(key)
            if before is None and len(self._attempts) >= MOST:
                return
            self._attempts[key] = replace(attempt, count=before.count + 1) if before else attempt
        self._gather.add(1)

    def _write(self, _: Set[int]) -> None:
        with self._lock:
            attempts, self._attempts = list(self._attempts.values()), {}
        if not attempts:
            return
        try:
            knocks_record(attempts=attempts)
        except DatabaseError as error:
            log.warning("ocpp.knocks_not_written", error=repr(error)[:200])


book = Book()


def knock_refused(scope: Any, status: int) -> None:
    """Note a refused handshake; ids that can be nobody's are not worth it."""
    cp_id = str(scope["url_route"]["kwargs"].get("cp_id", ""))
    if status not in NOTED or CP_ID.fullmatch(cp_id) is None:
        return
    knock = knock_of(scope, cp_id)
    book.note(
        Attempt(
            cp_id=cp_id,
            reason=_reason(knock, status),
            address=knock.address,
            offered=", ".join(str(name)[:40] for name in list(scope.get("subprotocols") or ())[:8]),
            secure=knock.secure,
            profile=_profile(knock),
            user_fits=_user_fits(knock),
            at=utc_now(),
        )
    )


def _profile(knock: Knock) -> int:
    if not knock.authorization:
        return 3 if knock.secure and knock.certificate else 0
    return 2 if knock.secure else 1


def _reason(knock: Knock, status: int) -> RefusalReason:
    plain = {TOO_MANY: RefusalReason.TOO_OFTEN, NO_VERSION: RefusalReason.NO_VERSION}
    return plain.get(status) or _fault(knock)


def _fault(knock: Knock) -> RefusalReason:
    """What is wrong with its credentials, as far as the handshake shows it."""
    if not knock.authorization:
        return RefusalReason.BAD_CERTIFICATE if knock.certificate else RefusalReason.NO_PASSWORD
    if not knock.secure and not settings.OCPP_ALLOW_PLAINTEXT:
        return RefusalReason.NO_TLS
    fits = _user_fits(knock)
    if fits is None:
        return RefusalReason.WRONG_TOKEN
    return RefusalReason.WRONG_PASSWORD if fits else RefusalReason.WRONG_USER


def _user_fits(knock: Knock) -> bool | None:
    """Whether the user name is the id; None where none was given."""
    scheme, _, value = knock.authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, _secret = base64.b64decode(value.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    return bool(colon) and user == knock.cp_id.encode()
