"""Real-time authorisation: asks the provider of a token whether it may charge (OCPI 2.2.1 §12.2.2.2).

Answers central's question. A charge point waits for the answer, so the time is short, few questions are open
at one partner, and a partner that fails is not asked for a while: then the whitelist decides.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from central.models import IdToken
from central.ports import ProviderAnswer, ProviderQuestion
from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerError
from ocpi.core.ownership import same
from ocpi.core.routing import Parties
from ocpi.core.tokens import RFID
from ocpi.models import Partner
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.identity import has_identity, identity_of
from ocpi.selectors.partners import endpoint_url
from ocpi.selectors.places import evse_uid_of, location_id_of
from registry.models import ChargePoint

WORDS: Final[Mapping[str, str]] = {
    "ALLOWED": "Accepted",
    "BLOCKED": "Blocked",
    "EXPIRED": "Expired",
    "NO_CREDIT": "Blocked",
    "NOT_ALLOWED": "Invalid",
}
"""AllowedType -> the answer in OCPP."""
UNKNOWN: Final = ProviderAnswer("Invalid", "UNKNOWN")
MOST_OPEN: Final = 8
FAILURES: Final = 3
PAUSE: Final = 30.0


def provider_answer(question: ProviderQuestion) -> ProviderAnswer | None:
    """The provider's word, or None where it cannot be asked, fails or is late. No transaction may be open."""
    token = IdToken.objects.select_related("party").filter(pk=question.id_token_id).first()
    partner = _provider(token) if token else None
    endpoint = endpoint_url(partner, "tokens", "SENDER") if partner else None
    if token is None or partner is None or endpoint is None or not has_identity(partner.organization):
        return None
    with _gates[partner.pk].open() as gate:
        if gate is None:
            return None
        answer = _asked(partner, f"{endpoint}/{_address(token)}", _place(question), token, question)
        gate.heard = answer is not None
        return answer


def _provider(token: IdToken) -> Partner | None:
    party = token.party
    if party is None or party.is_own:
        return None
    return (
        Partner.objects.select_related("organization")
        .filter(
            organization_id=token.organization_id,
            status=PartnerStatus.ACTIVE,
            parties__country_code__iexact=party.country_code,
            parties__party_id__iexact=party.party_id,
            endpoints__identifier="tokens",
            endpoints__role="SENDER",
        )
        .order_by("pk")
        .first()
    )


def _address(token: IdToken) -> str:
    uid = quote(token.roaming_uid or token.uid, safe="")
    return f"{uid}/authorize?type={quote(token.roaming_type or RFID, safe='')}"


def _place(question: ProviderQuestion) -> dict[str, Any]:
    """LocationReferences: which EVSE is not known while a card is only shown."""
    charge_point = ChargePoint.objects.get(pk=question.charge_point_id)
    evses = [evse_uid_of(charge_point, question.evse_number)] if question.evse_number else []
    return {"location_id": location_id_of(charge_point)} | ({"evse_uids": evses} if evses else {})


def _asked(
    partner: Partner, url: str, place: dict[str, Any], token: IdToken, question: ProviderQuestion
) -> ProviderAnswer | None:
    party = token.party
    to = (party.country_code, party.party_id) if party else ("", "")
    parties = Parties(to=to, sender=identity_of(partner.organization).party)
    client = PartnerClient.of(partner, question.now, parties).within(settings.OCPI_AUTHORIZE_TIME_LIMIT)
    if not connection.in_atomic_block:
        connection.close()  # others may need it while we wait
    try:
        found = client.ask_one("POST", url, module="tokens", body=place)
    except PeerError as error:
        return UNKNOWN if error.status_code == 2004 or error.http_status == 404 else None
    return _read(found, place)


def _read(found: Any, place: Mapping[str, Any]) -> ProviderAnswer | None:
    """AuthorizationInfo as a partner wrote it: what cannot be understood counts as no answer."""
    word = str(found.get("allowed")) if isinstance(found, dict) else ""
    if word not in WORDS:
        return None
    if word == "ALLOWED" and not _is_here(found.get("location"), place):
        word = "NOT_ALLOWED"
    info, reference = found.get("info"), found.get("authorization_reference")
    text = info.get("text") if isinstance(info, dict) else None
    return ProviderAnswer(
        WORDS[word],
        word,
        reference[:36] if isinstance(reference, str) and reference.isascii() else "",
        text[:512] if isinstance(text, str) and text.isprintable() else "",
    )


def _is_here(location: Any, place: Mapping[str, Any]) -> bool:
    """False where the provider names EVSEs and ours is not among them (§12.3.1)."""
    named = location.get("evse_uids") if isinstance(location, dict) else None
    wanted = place.get("evse_uids")
    if not isinstance(named, list) or not named or not wanted:
        return True
    return any(isinstance(each, str) and same(each, wanted[0]) for each in named)


@dataclass(slots=True)
class _Turn:
    """One question; `heard`: the partner gave an answer that can be used."""

    heard: bool = False


class _Gate:
    """What this process knows of one partner: open questions, failures in a row, and since when it rests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = self._failures = 0
        self._shut_until = 0.0

    @contextmanager
    def open(self) -> Iterator[_Turn | None]:
        with self._lock:
            shut = self._open >= MOST_OPEN or time.monotonic() < self._shut_until
            self._open += not shut
        if shut:
            yield None
            return
        turn = _Turn()
        try:
            yield turn
        finally:
            self._close(turn)

    def _close(self, turn: _Turn) -> None:
        with self._lock:
            self._open -= 1
            self._failures = 0 if turn.heard else self._failures + 1
            if self._failures >= FAILURES:
                self._shut_until = time.monotonic() + PAUSE


_gates: Final[defaultdict[int, _Gate]] = defaultdict(_Gate)


def gates_forget() -> None:
    """Ask every partner again."""
    _gates.clear()
