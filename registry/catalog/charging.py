"""Kinds about charging: sessions, reservations, power, batteries, money at the charge point."""

from typing import Final

from registry.catalog.charge_points import AT
from registry.catalog.kinds import Kind, kinds, kinds_alike

SESSION: Final = "uid of the session"
SESSION_ID: Final = "integer: our session"

kinds(
    __name__,
    Kind(
        "session.started",
        "A session began.",
        SESSION,
        {
            "session_id": SESSION_ID,
            "transaction_id": "text: OCPP's transaction id",
            "evse": "integer: EVSE",
            "connector": "integer: connector, 0 where it is not known",
            "authorization": "text: what became of the tag (Accepted, Blocked, ...)",
            "started_at": AT,
        },
        old_name="transaction_start",
    ),
    Kind(
        "session.updated",
        "A running session moved on; at most once in each SESSION_EVENT_SECONDS.",
        SESSION,
        {
            "session_id": SESSION_ID,
            "transaction_id": "text: OCPP's transaction id",
            "evse": "integer: EVSE",
            "energy_wh": "integer: energy so far, in Wh",
            "power_w": "integer or null: power now, in W",
            "state_of_charge": "integer or null: of the car, in percent",
            "charging_state": "text: OCPP 2.x's charging state, else empty",
            "meter_at": "time or null: of the latest meter value",
        },
    ),
    Kind(
        "session.ended",
        "A session ended; `provisional` until the charge point itself says so.",
        SESSION,
        {
            "session_id": SESSION_ID,
            "transaction_id": "text: OCPP's transaction id",
            "evse": "integer: EVSE",
            "energy_wh": "integer: energy in all, in Wh",
            "reason": "text: OCPP's reason",
            "ended_at": "time or null: as the charge point tells it",
            "provisional": "boolean: the end is concluded, not told",
            "review": "list of text: why a person should look, empty where nobody needs to",
        },
        old_name="transaction_stop",
    ),
    Kind(
        "session.unplugged",
        "The cable of a transaction was unplugged (OCPP 1.6 extension).",
        "transaction id",
        {"session_id": "integer or null: our session", "at": AT},
    ),
    Kind(
        "transaction.checked",
        "A charge point told whether a transaction still runs there.",
        "transaction id",
        {
            "ongoing": "boolean or null: it runs there",
            "messages_in_queue": "boolean: messages about it still wait there",
        },
    ),
    Kind(
        "reservation.changed",
        "A reservation is in another state.",
        "number of the reservation",
        {
            "reservation_id": "integer: its number at the charge point",
            "state": "text: our word",
            "word": "text: the charge point's word",
            "session_id": "integer or null: the session that used it",
        },
    ),
    Kind(
        "reservation.unknown",
        "A charge point told of a reservation that is not known here.",
        "number of the reservation",
        {"status": "text: OCPP's word"},
    ),
    Kind(
        "charging_profile.changed",
        "A charging profile is in another state.",
        "number of the profile",
        {
            "profile_id": "integer: its number",
            "state": "text: our word",
            "word": "text: the charge point's word",
            "purpose": "text: OCPP's purpose",
            "evse": "integer: EVSE, 0 for the charge point",
        },
    ),
    Kind(
        "charging_limit.set",
        "Somebody else (grid operator, energy manager) limits a charge point.",
        "source of the limit",
        {"evse": "integer: EVSE, 0 for the charge point", "grid_critical": "boolean or null: grid in need"},
    ),
    Kind(
        "charging_limit.cleared",
        "Limits of a source are over.",
        "source of the limit",
        {"evse": "integer or null: EVSE, null for all", "limits": "integer: how many ended"},
    ),
    Kind(
        "charging_needs.told",
        "A car told what it needs (ISO 15118).",
        "EVSE",
        {"needs": "integer: our row", "status": "text: our answer"},
    ),
    Kind(
        "charging_preference.told",
        "A driver wants to charge fast, cheap or green, or leaves at a time.",
        "uid of the session",
        {
            "preference": "integer: our row",
            "profile_type": "text: REGULAR, CHEAP, FAST, GREEN",
            "status": "text: our answer, in OCPI's words",
        },
    ),
    Kind(
        "ev_schedule.told",
        "A car told how it will charge (ISO 15118).",
        "EVSE",
        {"ev_schedule": "integer: our row", "status": "text: our answer"},
    ),
    Kind(
        "priority_charging.changed",
        "A driver asked for charging ahead of others, or ended it.",
        "transaction id",
        {"activated": "boolean: asked for"},
    ),
)
_CONTROL: Final = {
    "control_id": "text: id of the control",
    "at": AT,
    "superseded": "list of text: controls that it replaces",
}
_DER_ALARM: Final = {
    "alarm_id": "integer: our row",
    "fault": "text: the grid event",
    "at": AT,
}
kinds_alike(
    __name__,
    {
        "der.control_started": "A control of the grid connection became active.",
        "der.control_ended": "A control of the grid connection ended.",
    },
    subject="type of the control",
    data=_CONTROL,
)
kinds(
    __name__,
    Kind("der.alarm", "A charge point met a grid event.", "type of the control", _DER_ALARM, alarm=True),
    Kind("der.alarm_ended", "The grid event is over.", "type of the control", _DER_ALARM),
)
kinds_alike(
    __name__,
    {
        "battery.brought": "A battery was put into a swap station.",
        "battery.taken": "A battery was taken from a swap station.",
        "battery.not_taken": "A battery was offered and not taken.",
    },
    subject="tag of the driver",
    data={"swap_id": "integer: our swap", "batteries": "list of text: serial numbers"},
)
kinds_alike(
    __name__,
    {
        "settlement.settled": "A payment at the terminal was settled.",
        "settlement.canceled": "A payment at the terminal was cancelled.",
        "settlement.rejected": "A payment at the terminal was rejected.",
        "settlement.failed": "A payment at the terminal failed.",
    },
    subject="reference of the payment provider",
    data={
        "settlement_id": "integer: our row",
        "amount": "text: amount as a decimal number",
        "session_id": "integer or null: our session",
    },
)
