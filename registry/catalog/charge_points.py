"""Kinds about charge points: their life, their connection, their state, what they are set to."""

from typing import Final

from registry.catalog.kinds import Kind, kinds, kinds_alike

CHARGE_POINT: Final = "charge point"
AT: Final = "time: as the charge point tells it"
_REGISTRATION: Final = {
    "location": "text: where it stands, as registered",
    "fingerprint": "text or null: SHA-256 of its certificate",
}
_STATUS: Final = {
    "status": "text: OCPP's word (Available, Preparing, Charging, Faulted, ...)",
    "error": "text: OCPP's error code, empty where there is none",
    "at": AT,
}

kinds_alike(
    __name__,
    {
        "charge_point.registered": "A charge point was registered.",
        "charge_point.credentials_rotated": "A charge point got new credentials; the old ones are dead.",
        "charge_point.deregistered": "A charge point was taken out of service for good.",
    },
    subject=CHARGE_POINT,
    data=_REGISTRATION,
)
kinds(
    __name__,
    Kind(
        "charge_point.booted",
        "A charge point started (BootNotification).",
        CHARGE_POINT,
        {
            "status": "text: our answer (Accepted, Pending, Rejected)",
            "reason": "text: why it started (OCPP 2.x), else empty",
            "firmware": "text: version of its firmware",
            "vendor": "text: its vendor",
            "model": "text: its model",
            "serial_number": "text: its serial number",
            "ocpp_version": "text: 1.6, 2.0.1 or 2.1",
        },
        old_name="boot_notification",
    ),
    Kind("charge_point.accepted", "A person let a waiting charge point serve.", CHARGE_POINT),
    Kind(
        "charge_point.connected",
        "A charge point came online.",
        CHARGE_POINT,
        {"ocpp_version": "text: 1.6, 2.0.1 or 2.1", "remote_address": "text: where it connected from"},
    ),
    Kind(
        "charge_point.disconnected",
        "A charge point went offline: its connection was closed, or it fell silent.",
        CHARGE_POINT,
        {"connected_at": "time or null: when the connection had begun"},
    ),
    Kind(
        "charge_point.disconnected_by_operator",
        "A person or a machine closed the charge point's connection; it may come back.",
        CHARGE_POINT,
        {"reason": "text: why, as given"},
    ),
    Kind(
        "charge_point.connection_replaced",
        "A second authenticated connection took the place of the first; it stays online.",
        "empty",
        {"remote_address": "text: where the new one comes from"},
    ),
    Kind(
        "charge_point.connection_alarm",
        "Connections replace one another too often: perhaps two devices share one identity.",
        "empty",
        {"replacements": "integer: how many", "minutes": "integer: in how many minutes"},
        alarm=True,
    ),
    Kind(
        "charge_point.announced",
        "A charge point's software announced itself at Central.",
        CHARGE_POINT,
        {"new": "boolean: for the first time"},
    ),
    Kind(
        "charge_point.status",
        "The charge point as a whole is in another state.",
        "always 0/0",
        _STATUS,
        old_name="status_notification",
    ),
    Kind(
        "connector.status",
        "A connector is in another state.",
        "EVSE and connector as 1/1",
        _STATUS,
        old_name="status_notification",
    ),
    Kind(
        "monitor.fault",
        "A charge point's monitor finds its engine faulty.",
        CHARGE_POINT,
        {"reason": "text: why"},
        alarm=True,
    ),
    Kind(
        "monitor.recovered", "The engine is well again.", CHARGE_POINT, {"reason": "text: empty, or a remark"}
    ),
    Kind(
        "availability.wanted",
        "A place was set in or out of service.",
        "Operative or Inoperative",
        {
            "evse": "integer: EVSE, 0 for the charge point",
            "connector": "integer: connector, 0 for the whole EVSE",
            "wanted": "text: Operative or Inoperative",
            "scheduled": "boolean: once the running session is over",
        },
    ),
    Kind(
        "configuration.changed",
        "Configuration values were set.",
        CHARGE_POINT,
        {"names": "list of text: which", "reboot_required": "boolean: active after a restart only"},
    ),
    Kind(
        "firmware.status",
        "An update of the firmware went on.",
        "OCPP's word",
        {
            "job_id": "integer or null: our job, null where nobody ordered it here",
            "kind": "text: update or publish",
            "state": "text: state of our job",
            "request_id": "integer or null: OCPP's id",
        },
    ),
    Kind(
        "log.status",
        "An upload of a log went on.",
        "OCPP's word",
        {
            "job_id": "integer or null: our job",
            "state": "text: state of our job",
            "request_id": "integer or null: OCPP's id",
            "file": "text: name of the file",
        },
    ),
    Kind(
        "log.brought",
        "A charge point brought a log to an address of ours.",
        "name of the file",
        {
            "job_id": "integer: our job",
            "size": "integer: bytes",
            "sha256": "text: checksum of the file",
        },
    ),
    Kind(
        "customer_information.changed",
        "A report of what a charge point keeps about a driver went on; without its content.",
        "state of the job",
        {"job_id": "integer: our job", "request_id": "integer: OCPP's id"},
    ),
)
kinds_alike(
    __name__,
    {
        "display_message.installed": "A text is on the charge point's display.",
        "display_message.refused": "The charge point refused a text.",
        "display_message.removed": "A text left the display.",
    },
    subject="number of the text",
    data={"number": "integer: the text's number at the charge point"},
)
kinds_alike(
    __name__,
    {
        f"report.{state}": f"A report of the device model is {words}."
        for state, words in {
            "announced": "under way",
            "collecting": "arriving",
            "complete": "complete",
            "incomplete": "incomplete: the rest did not come",
            "empty": "empty",
            "refused": "refused",
        }.items()
    },
    subject=CHARGE_POINT,
    data={
        "report_id": "integer: our report",
        "number": "integer: OCPP's request id",
        "about": "text: variables or monitors",
        "missing": "list of integer: parts that did not come",
    },
)
_DEVICE_EVENT: Final = {
    "device_event_id": "integer: our row",
    "severity": "integer: OCPP's severity, 0 is the gravest",
    "value": "text: the value that was seen",
}
kinds(
    __name__,
    Kind(
        "device.alert",
        "A monitor of the device model told of a grave condition.",
        "component and variable",
        _DEVICE_EVENT,
        alarm=True,
    ),
    Kind("device.alert_cleared", "The condition is over.", "component and variable", _DEVICE_EVENT),
)
