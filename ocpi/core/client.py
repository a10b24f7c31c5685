"""Asks partners: headers, ids, envelope, log. Never while a database transaction is open."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from django.db import connection

from emobility.lib import egress
from ocpi.core import auth, journal, leniency
from ocpi.core.envelope import dump, unwrap
from ocpi.core.errors import (
    BodyUnreadable,
    ParametersInvalid,
    PeerBusy,
    PeerError,
    PeerRefused,
    PeerSilent,
    PeerUnreachable,
)
from ocpi.core.patience import patience_of
from ocpi.core.routing import CONFIGURATION, REQUEST_ID, MessageIds, Parties, new_id
from ocpi.core.versions import has_message_ids
from ocpi.models import Partner
from ocpi.models.deviation import Sloppiness
from registry.models import Organization

CREATING = frozenset({"cdrs"})
"""Modules whose POST makes an object: its answer should be 201."""


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """A successful answer: data, HTTP status, headers by lower-case name, the body as it came."""

    data: Any
    http_status: int
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class PartnerClient:
    """Speaks to one partner with one token; all its requests carry one correlation id.

    `version` is "" until it is agreed on; `form` is how the token is written, "" means as the version has it.
    """

    organization: Organization
    token: str
    now: datetime
    form: str = ""
    version: str = ""
    partner: Partner | None = None
    parties: Parties = field(default_factory=Parties)
    correlation_id: str = field(default_factory=new_id)
    handshake: str = ""
    """The registration that its messages belong to."""
    line: egress.Line | None = None
    """A connection that may be open already; it belongs to one thread."""
    time_limit: float = egress.TIME_LIMIT

    @classmethod
    def of(cls, partner: Partner, now: datetime, parties: Parties | None = None) -> "PartnerClient":
        """The way to a registered partner: its token, its version, its form."""
        return cls(
            partner.organization,
            partner.token_out,
            now,
            form=partner.token_form,
            version=partner.version,
            partner=partner,
            parties=parties or Parties(),
        )

    @property
    def written_as(self) -> str:
        """The form in which the token is written."""
        return self.form or auth.form_of(self.version)

    def with_token(self, token: str) -> "PartnerClient":
        """The same chain of messages with another token."""
        return replace(self, token=token)

    def within(self, seconds: float) -> "PartnerClient":
        """The same, for somebody who cannot wait long."""
        return replace(self, time_limit=seconds)

    def ask_one(self, method: str, url: str, *, module: str, body: Any = None) -> Any:
        """The object that an answer holds, also where it stands alone in a list; raises like `call`."""
        data = self.call(method, url, module=module, body=body).data
        if not (isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict)):
            return data
        if self.partner is not None:
            self._let_pass(self.partner, Sloppiness.LISTED_OBJECT, f"answer to {method} {module}")
        return data[0]

    def call(self, method: str, url: str, *, module: str, body: Any = None) -> PeerAnswer:
        """Send one request; raises PeerUnreachable, PeerSilent, PeerRefused or PeerBusy."""
        if connection.in_atomic_block:
            raise RuntimeError("A partner must not be asked while a transaction is open.")
        ids = MessageIds(new_id(), self.correlation_id)
        record = journal.Record(
            self.organization, True, method, url, ids, self.now, self.partner, module, request_body=body
        )
        record.handshake = self.handshake
        started = time.monotonic()
        named = {"partner_id": self.partner and self.partner.pk, "correlation_id": self.correlation_id}
        try:
            with structlog.contextvars.bound_contextvars(**named):
                return self._exchange(record, method, url, body)
        except PeerError as error:
            record.error = record.error or error.message
            raise
        finally:
            record.duration_ms = int((time.monotonic() - started) * 1000)
            journal.write(record)

    def _exchange(self, record: journal.Record, method: str, url: str, body: Any) -> PeerAnswer:
        content = None if body is None else dump(body)
        headers = self._headers(record, has_body=body is not None)
        try:
            send = self.line.request if self.line else egress.request
            answer = send(method, url, headers=headers, content=content, limit=self.time_limit)
        except (egress.EgressRefused, egress.EgressUnreachable) as error:
            raise PeerUnreachable(str(error)) from error
        except egress.EgressBroken as error:
            raise PeerSilent(str(error)) from error
        record.http_status = answer.status
        record.response_body = journal.readable(answer.content)
        return self._judge(record, answer)

    def _headers(self, record: journal.Record, *, has_body: bool) -> dict[str, str]:
        headers = {"Authorization": auth.header(self.token, self.written_as), "Accept": "application/json"}
        if has_body:
            headers["Content-Type"] = "application/json"
        if not has_message_ids(self.version):
            return headers
        routed = {} if record.module in CONFIGURATION else self.parties.headers()
        return headers | record.ids.headers() | routed

    def _judge(self, record: journal.Record, answer: egress.Answer) -> PeerAnswer:
        status = answer.status
        if status == 429:
            patience = patience_of(answer.headers.get("retry-after", ""), self.now)
            raise PeerBusy(f"HTTP 429: asked to wait {patience.total_seconds():.0f} seconds", patience)
        if record.method == "DELETE" and 200 <= status < 300 and not answer.content.strip():
            return self._bodyless(status, answer)
        try:
            envelope = unwrap(answer.content)
        except BodyUnreadable as error:
            if 300 <= status < 500:
                raise PeerRefused(f"HTTP {status}", status) from error
            silent = PeerSilent(f"HTTP {status} without a readable answer", status)
            silent.location = answer.headers.get("location", "")
            raise silent from error
        record.status_code = envelope.status_code
        text = f"HTTP {status}, OCPI {envelope.status_code}: {envelope.message}".strip(": ")
        if status >= 500:
            raise PeerSilent(text, status, envelope.status_code)
        if status >= 300 or not 1000 <= envelope.status_code < 2000:
            raise PeerRefused(text, status, envelope.status_code)
        self._note(record, answer)
        return PeerAnswer(envelope.data, status, answer.headers, answer.content)

    def _bodyless(self, status: int, answer: egress.Answer) -> PeerAnswer:
        """A DELETE that succeeded without an envelope, if the partner may do that."""
        if self.partner is not None:
            self._let_pass(self.partner, Sloppiness.DELETE_BODY, f"HTTP {status}")
        return PeerAnswer(None, status, answer.headers)

    def _note(self, record: journal.Record, answer: egress.Answer) -> None:
        """Write down what a successful answer has beside the specification."""
        if self.partner is None:
            return
        if record.method == "POST" and record.module in CREATING and answer.status == 200:
            self._let_pass(self.partner, Sloppiness.STATUS_200, f"POST {record.module}")
        if has_message_ids(self.version) and REQUEST_ID.lower() not in answer.headers:
            self._let_pass(self.partner, Sloppiness.MESSAGE_IDS, f"answer to {record.method} {record.module}")

    def _let_pass(self, partner: Partner, kind: Sloppiness, detail: str) -> None:
        """Raises PeerSilent where the profile does not tolerate it: the request may have done its work."""
        try:
            leniency.meet(partner, kind, detail, self.now)
        except ParametersInvalid as error:
            raise PeerSilent(error.message) from error
