"""The objects of commands (OCPI 2.2.1 §13.3, 2.1.1 commands §3)."""

from collections.abc import Mapping
from typing import Final

from ocpi.core.fields import INTEGER, MOMENT_KIND, Field, Schema, ci_string, one_of, url
from ocpi.core.money_objects import DISPLAY_TEXT
from ocpi.core.tokens import TOKEN

RESPONSE_URL = Field("response_url", url())
ID = ci_string(39)
REFERENCE = Field("authorization_reference", ci_string(36), "?", since="2.2.1")
RESERVATION_ID = (
    Field("reservation_id", INTEGER, until="2.2.1"),
    Field("reservation_id", ci_string(36), since="2.2.1"),
)
COMMANDS: Final[Mapping[str, Schema]] = {
    "START_SESSION": Schema(
        "StartSession",
        (
            RESPONSE_URL,
            Field("token", TOKEN),
            Field("location_id", ID),
            Field("evse_uid", ID, "?"),
            Field("connector_id", ci_string(36), "?", since="2.2.1"),
            REFERENCE,
        ),
    ),
    "STOP_SESSION": Schema("StopSession", (RESPONSE_URL, Field("session_id", ci_string(36)))),
    "RESERVE_NOW": Schema(
        "ReserveNow",
        (
            RESPONSE_URL,
            Field("token", TOKEN),
            Field("expiry_date", MOMENT_KIND),
            *RESERVATION_ID,
            Field("location_id", ID),
            Field("evse_uid", ID, "?"),
            REFERENCE,
        ),
    ),
    "CANCEL_RESERVATION": Schema("CancelReservation", (RESPONSE_URL, *RESERVATION_ID)),
    "UNLOCK_CONNECTOR": Schema(
        "UnlockConnector",
        (
            RESPONSE_URL,
            Field("location_id", ID),
            Field("evse_uid", ID),
            Field("connector_id", ci_string(36)),
        ),
    ),
}
SINCE: Final[Mapping[str, str]] = {"CANCEL_RESERVATION": "2.2.1"}
"""Commands that came with a version."""
RESPONSE_TYPE = one_of("ACCEPTED", "NOT_SUPPORTED", "REJECTED", "UNKNOWN_SESSION", until={"TIMEOUT": "2.2.1"})
RESULT_TYPE = one_of(
    "ACCEPTED",
    "NOT_SUPPORTED",
    "REJECTED",
    "TIMEOUT",
    since=dict.fromkeys(
        (
            "CANCELED_RESERVATION",
            "EVSE_INOPERATIVE",
            "EVSE_OCCUPIED",
            "FAILED",
            "UNKNOWN_RESERVATION",
        ),
        "2.2.1",
    ),
    until={"UNKNOWN_SESSION": "2.2.1"},
)
COMMAND_RESPONSE = Schema(
    "CommandResponse",
    (
        Field("result", RESPONSE_TYPE),
        Field("timeout", INTEGER, since="2.2.1"),
        Field("message", DISPLAY_TEXT, "*", since="2.2.1"),
    ),
)
COMMAND_RESULT = Schema(
    "CommandResult", (Field("result", RESULT_TYPE), Field("message", DISPLAY_TEXT, "*", since="2.2.1"))
)
