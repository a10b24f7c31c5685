"""The protocol state of one connection, without I/O: order, repeats, the boot gate, our one open CALL.

Text and time go in; requests to serve, outcomes of our own calls and texts to send come out. 1.6-J §4,
2.0.1/2.1 part 4 §4; boot gate 1.6 §4.2, 2.x B01-B03.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from central.ocpp import errors, frames
from central.ocpp.catalog import UNANSWERED
from central.ocpp.errors import OcppError
from central.ocpp.frames import Call, CallError, CallResult, CallResultError, Fault, Malformed, Send
from central.ocpp.router import ACTIONS, ActionEntry
from central.ocpp.schemas import check_direction, validate_request, validate_response

QUEUE_FRAMES: Final = 100
QUEUE_BYTES: Final = 8 * 1024 * 1024
CROWDED_FRAMES, CROWDED_BYTES = 50, 2 * 1024 * 1024
"""From here on the server should read no further until few are left."""
ANSWERS_KEPT: Final = 16
ANSWER_LIMIT: Final = 64 * 1024
LATE_KEPT: Final = 8
CALL_TIMEOUT: Final = 30.0

_FAULT_CODES: Final = {
    Fault.NOT_JSON: errors.RPC_FRAMEWORK,
    Fault.NOT_ARRAY: errors.RPC_FRAMEWORK,
    Fault.ENVELOPE: errors.RPC_FRAMEWORK,
    Fault.MESSAGE_TYPE: errors.MESSAGE_TYPE,
    Fault.PAYLOAD: errors.FORMAT,
    Fault.NUMBER: errors.FORMAT,
    Fault.DUPLICATE_KEY: errors.FORMAT,
    Fault.NESTING: errors.FORMAT,
    Fault.TEXT: errors.PROPERTY,
}
_UNANSWERED_TYPES: Final = frozenset({frames.RESULT, frames.ERROR, frames.RESULT_ERROR, frames.SEND})
_TRIGGERED: Final = {
    "GetBaseReport": "NotifyReport",
    "GetReport": "NotifyReport",
    "GetLog": "LogStatusNotification",
    "GetDiagnostics": "DiagnosticsStatusNotification",
    "UpdateFirmware": "FirmwareStatusNotification",
    "SignedUpdateFirmware": "SignedFirmwareStatusNotification",
}


class Overflow(Exception):
    """The charge point sends faster than it waits for answers: the connection must end."""


class CallOpen(Exception):
    """A CALL of ours is still open; only one at a time may be (1.6-J §4.1.1, 2.x part 4 §4.1.1)."""


@dataclass(slots=True)
class Request:
    """A frame of the charge point to serve: by its handler (`entry`), or with the answer it has already."""

    frame: Call | Send | CallResultError | Malformed
    size: int
    digest: int
    now: datetime
    entry: ActionEntry | None = None
    reply: str | None = None
    error_code: str = ""

    @property
    def answered(self) -> bool:
        """False for frames that get no answer whatever happens (SEND, refused answers, nonsense)."""
        return isinstance(self.frame, Call)


@dataclass(slots=True)
class Pending:
    """A CALL of ours on its way; `reference` is the caller's own."""

    message_id: str
    action: str
    reference: Any
    deadline: float
    sent_at: float


@dataclass(slots=True)
class Outcome:
    """What became of a CALL of ours: a payload or an error code; `late` where its time was already up."""

    pending: Pending
    payload: dict[str, Any] | None
    code: str = ""
    description: str = ""
    late: bool = False
    reply: str | None = None


def _without_types_of_2_1(frame: Send | CallResultError | Malformed) -> Malformed:
    if isinstance(frame, Malformed):
        return frame
    return Malformed(Fault.MESSAGE_TYPE, frame.message_id)


class Link:
    """One connection in one version; `booted` tells whether the charge point's boot was accepted before."""

    def __init__(self, version: str, *, booted: bool, timeout: float = CALL_TIMEOUT) -> None:
        self.version = version
        self.booted = booted
        self.timeout = timeout
        self.pending: Pending | None = None
        self.strays = 0
        self._queue: deque[Request] = deque()
        self._queued_bytes = 0
        self._busy = False
        self._answers: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._late: OrderedDict[str, Pending] = OrderedDict()
        self._triggered: set[str] = set()

    # --- what the charge point sends --------------------------------------------------------------

    def receive(self, raw: str | bytes, now: datetime) -> Request | Outcome | None:
        """Take a frame: a request to serve at once, the outcome of our call, or nothing (queued, ignored).

        After serving a Request, call `answer` or `refuse`, then `advance`. Raises Overflow.
        """
        frame = frames.parse(raw)
        if isinstance(frame, (CallResult, CallError)):
            return self._outcome(frame)
        if not isinstance(frame, Call) and self.version != "2.1":
            frame = _without_types_of_2_1(frame)
        if isinstance(frame, Malformed) and frame.message_type in {frames.RESULT, frames.ERROR}:
            return self._outcome(frame)
        request = Request(frame, len(raw), hash(raw), now)
        if self._busy:
            self._enqueue(request)
            return None
        self._busy = True
        return self._admit(request)

    def advance(self) -> Request | None:
        """The next queued request, ready to serve, or None: then the link is idle again."""
        if not self._queue:
            self._busy = False
            return None
        request = self._queue.popleft()
        self._queued_bytes -= request.size
        return self._admit(request)

    @property
    def crowded(self) -> bool:
        """True where so much waits that nothing more should be read for now."""
        return len(self._queue) >= CROWDED_FRAMES or self._queued_bytes >= CROWDED_BYTES

    @property
    def relieved(self) -> bool:
        """True where so little waits that reading may go on."""
        return len(self._queue) * 5 <= CROWDED_FRAMES and self._queued_bytes * 2 <= CROWDED_BYTES

    def answer(self, request: Request, payload: dict[str, Any]) -> str | None:
        """The text that answers `request`; kept for a repeat. None for a SEND. Raises TypeError."""
        if not isinstance(request.frame, Call):
            return None
        call = request.frame
        text = frames.encode_result(call.message_id, payload)
        if call.action == "BootNotification":
            self.booted = payload.get("status") == "Accepted"
        if len(text) <= ANSWER_LIMIT:
            self._answers[call.message_id] = (request.digest, text)
            self._answers.move_to_end(call.message_id)
            if len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return text

    def refuse(self, request: Request, error: OcppError) -> str | None:
        """The text that refuses `request`, None where it is never answered. Notes the code on the request."""
        request.error_code = errors.spelled(self.version, error.code)
        frame = request.frame
        if isinstance(frame, (Send, CallResultError)):
            return None
        return frames.encode_error(frame.message_id, request.error_code, error.description, error.details)

    # --- what we send -----------------------------------------------------------------------------

    def call(
        self, message_id: str, action: str, payload: dict[str, Any], *, reference: Any, clock: float
    ) -> str:
        """The text of a CALL of ours; its time limit starts at `clock` (monotonic). Raises CallOpen."""
        if self.pending is not None:
            raise CallOpen
        text = frames.encode_call(message_id, action, payload)
        self.pending = Pending(message_id, action, reference, clock + self.timeout, clock)
        self._note_trigger(action, payload)
        return text

    def expire(self, clock: float) -> Pending | None:
        """Our open call if its time is up at `clock`; its late answer is still recognised for a while."""
        pending = self.pending
        if pending is None or clock < pending.deadline:
            return None
        self.pending = None
        self._late[pending.message_id] = pending
        if len(self._late) > LATE_KEPT:
            self._late.popitem(last=False)
        return pending

    # --- inside -----------------------------------------------------------------------------------

    def _enqueue(self, request: Request) -> None:
        self._queued_bytes += request.size
        if len(self._queue) >= QUEUE_FRAMES or self._queued_bytes > QUEUE_BYTES:
            raise Overflow
        self._queue.append(request)

    def _admit(self, request: Request) -> Request:
        frame = request.frame
        if isinstance(frame, Malformed):
            return self._malformed(request, frame)
        if isinstance(frame, CallResultError):
            request.error_code = frame.code[:40]
            return request
        if isinstance(frame, Call):
            stored = self._answers.get(frame.message_id)
            if stored is not None and stored[0] == request.digest:
                request.reply = stored[1]
                return request
        try:
            request.entry = self._route(frame)
        except OcppError as error:
            request.reply = self.refuse(request, error)
        return request

    def _route(self, frame: Call | Send) -> ActionEntry:
        action = frame.action
        if not self.booted and action != "BootNotification" and action not in self._triggered:
            raise OcppError(errors.SECURITY, "The boot of this charge point is not accepted")
        entry = ACTIONS.get((self.version, action))
        if isinstance(frame, Send):
            if action not in UNANSWERED:
                raise OcppError(errors.NOT_SUPPORTED, "This action does not travel as SEND")
        elif entry is None or action in UNANSWERED:
            check_direction(self.version, action)
        if entry is None:
            raise OcppError(errors.NOT_SUPPORTED, "This action is not supported here")
        validate_request(self.version, action, frame.payload)
        return entry

    def _malformed(self, request: Request, frame: Malformed) -> Request:
        code = _FAULT_CODES[frame.fault]
        request.error_code = errors.spelled(self.version, code)
        silent = self.version == "1.6" and frame.fault is Fault.MESSAGE_TYPE
        if not silent and frame.message_type not in _UNANSWERED_TYPES:
            request.reply = self.refuse(request, OcppError(code, frame.fault.value.capitalize()))
        return request

    def _outcome(self, frame: CallResult | CallError | Malformed) -> Outcome | None:
        pending, late = self._take_pending(frame.message_id)
        if pending is None:
            self.strays += 1
            return None
        if isinstance(frame, CallError):
            return Outcome(pending, None, errors.understood(frame.code)[:40], frame.description[:200], late)
        if isinstance(frame, CallResult) and isinstance(frame.payload, dict):
            return self._checked(pending, frame.payload, late)
        return Outcome(pending, None, errors.FORMAT, "The answer is malformed", late)

    def _take_pending(self, message_id: str) -> tuple[Pending | None, bool]:
        if self.pending is not None and self.pending.message_id == message_id:
            pending, self.pending = self.pending, None
            return pending, False
        return self._late.pop(message_id, None), True

    def _checked(self, pending: Pending, payload: dict[str, Any], late: bool) -> Outcome:
        try:
            validate_response(self.version, pending.action, payload)
        except OcppError as error:
            # An extra field in an answer harms nobody; an answer that cannot be understood is no answer.
            if error.code != errors.FORMAT:
                reply = self._reject_result(pending.message_id, error)
                return Outcome(pending, payload, error.code, error.description, late, reply)
        return Outcome(pending, payload, late=late)

    def _reject_result(self, message_id: str, error: OcppError) -> str | None:
        if self.version != "2.1":
            return None
        return frames.encode_error(
            message_id, error.code, error.description, error.details, frames.RESULT_ERROR
        )

    def _note_trigger(self, action: str, payload: dict[str, Any]) -> None:
        """While the boot is pending, the charge point may send what we asked for (2.x B02.FR.09)."""
        if action in {"TriggerMessage", "ExtendedTriggerMessage"}:
            self._triggered.add(str(payload.get("requestedMessage", "")))
        elif action in _TRIGGERED:
            self._triggered.add(_TRIGGERED[action])
