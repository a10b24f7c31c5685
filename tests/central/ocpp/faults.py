"""The fault table of OCPP-J, row by row: what a charge point may do wrong and what we answer."""

from dataclasses import dataclass

FORMAT = {"1.6": "FormationViolation", "2.0.1": "FormatViolation", "2.1": "FormatViolation"}
RPC = {"1.6": "FormationViolation", "2.0.1": "RpcFrameworkError", "2.1": "RpcFrameworkError"}
KIND = {"1.6": None, "2.0.1": "MessageTypeNotSupported", "2.1": "MessageTypeNotSupported"}
OCCURRENCE = {
    "1.6": "OccurenceConstraintViolation",
    "2.0.1": "OccurrenceConstraintViolation",
    "2.1": "OccurrenceConstraintViolation",
}


def _same(code: str | None) -> dict[str, str | None]:
    return {"1.6": code, "2.0.1": code, "2.1": code}


TYPE = _same("TypeConstraintViolation")
PROPERTY = _same("PropertyConstraintViolation")
SILENT = _same(None)

BOOT_1_6 = '"chargePointVendor":"V","chargePointModel":"M"'
BOOT_2 = '"reason":"PowerUp","chargingStation":{"vendorName":"V","model":"M"}'
STATION_TOO_LONG = f'"chargingStation":{{"vendorName":"{"V" * 51}","model":"M"}}'
STATUS_1_6 = '"connectorId":1,"errorCode":"NoError","status":"Available"'
STATUS_2 = '"timestamp":"2026-01-01T00:00:00Z","connectorStatus":"Available","evseId":1,"connectorId":1'


@dataclass(frozen=True)
class FaultRow:
    """A frame (text of 1.6, text of 2.x), the code answered in each version, and the id of the answer."""

    name: str
    frame_1_6: str
    frame_2: str
    codes: dict[str, str | None]
    message_id: str = "m1"

    def frame(self, version: str) -> str:
        """The frame as a charge point of `version` would send it."""
        return self.frame_1_6 if version == "1.6" else self.frame_2


def _both(name: str, frame: str, codes: dict, message_id: str = "m1") -> FaultRow:
    return FaultRow(name, frame, frame, codes, message_id)


def _boot(name: str, extra: str, codes: dict) -> FaultRow:
    return FaultRow(
        name,
        f'[2,"m1","BootNotification",{{{BOOT_1_6},{extra}}}]',
        f'[2,"m1","BootNotification",{{{BOOT_2},{extra}}}]',
        codes,
    )


def _status(name: str, old: str, new: str, codes: dict) -> FaultRow:
    return FaultRow(
        name,
        f'[2,"m1","StatusNotification",{{{STATUS_1_6}}}]'.replace(old, new),
        f'[2,"m1","StatusNotification",{{{STATUS_2}}}]'.replace(old, new),
        codes,
    )


DEEP = "[" * 2000 + "]" * 2000
DEEPER = "[" * 100_000
DIGITS = "7" * 5000

FAULTS = [
    _both("not JSON", "hello", RPC, "-1"),
    _both("empty text", " ", RPC, "-1"),
    _both("truncated", '[2,"m1","Heartbeat",{', RPC, "-1"),
    _both("not an array", '{"a":1}', RPC, "-1"),
    _both("a bare number", "5", RPC, "-1"),
    _both("empty array", "[]", RPC, "-1"),
    _both("unknown message type", '[9,"m1","Heartbeat",{}]', KIND),
    _both("message type as text", '["2","m1","Heartbeat",{}]', KIND),
    _both("message type as array", '[[2],"m1","Heartbeat",{}]', KIND),
    _both("message type without id", "[7]", KIND, "-1"),
    _both("CALL with three elements", '[2,"m1","Heartbeat"]', RPC),
    _both("CALL with five elements", '[2,"m1","Heartbeat",{},{}]', RPC),
    _both("CALL alone", "[2]", RPC, "-1"),
    _both("message id is a number", '[2,1,"Heartbeat",{}]', RPC, "-1"),
    _both("message id is empty", '[2,"","Heartbeat",{}]', RPC, "-1"),
    _both("message id of 37 characters", f'[2,"{"x" * 37}","Heartbeat",{{}}]', RPC, "x" * 37),
    _both("action is a number", '[2,"m1",5,{}]', RPC),
    _both("payload is an array", '[2,"m1","Heartbeat",[]]', FORMAT),
    _both("payload is text", '[2,"m1","Heartbeat","x"]', FORMAT),
    _both("unknown action", '[2,"m1","MakeCoffee",{}]', _same("NotImplemented")),
    _both("action in wrong case", '[2,"m1","heartbeat",{}]', _same("NotImplemented")),
    _both("action of ours", '[2,"m1","Reset",{"type":"Hard"}]', _same("NotSupported")),
    _both("required fields missing", '[2,"m1","BootNotification",{}]', OCCURRENCE),
    _both("null where fields are required", '[2,"m1","BootNotification",null]', OCCURRENCE),
    _both("unknown field", '[2,"m1","Heartbeat",{"x":1}]', FORMAT),
    _status("wrong type", '"connectorId":1', '"connectorId":"1"', TYPE),
    _status("fraction where a whole number belongs", '"connectorId":1', '"connectorId":1.5', TYPE),
    _status("bad enum", "Available", "Bored", PROPERTY),
    FaultRow(
        "too long",
        f'[2,"m1","BootNotification",{{"chargePointVendor":"{"V" * 21}","chargePointModel":"M"}}]',
        f'[2,"m1","BootNotification",{{"reason":"PowerUp",{STATION_TOO_LONG}}}]',
        PROPERTY,
    ),
    FaultRow(
        "bad date-time",
        f'[2,"m1","StatusNotification",{{{STATUS_1_6},"timestamp":"yesterday"}}]',
        f'[2,"m1","StatusNotification",{{{STATUS_2.replace("2026-01-01T00:00:00Z", "yesterday")}}}]',
        PROPERTY,
    ),
    FaultRow(
        "a day that does not exist",
        f'[2,"m1","StatusNotification",{{{STATUS_1_6},"timestamp":"2026-02-30T00:00:00Z"}}]',
        f'[2,"m1","StatusNotification",{{{STATUS_2.replace("01-01T", "02-30T")}}}]',
        PROPERTY,
    ),
    _boot("NUL in text", '"customData":{"vendorId":"\\u0000"}', PROPERTY),
    _boot("half a surrogate pair", '"customData":{"vendorId":"\\ud800"}', PROPERTY),
    _boot("NaN", '"customData":{"vendorId":"x","a":NaN}', FORMAT),
    _boot("a number beyond a double", '"customData":{"vendorId":"x","a":1e400}', FORMAT),
    _boot("duplicate keys", '"customData":{"vendorId":"x","vendorId":"y"}', FORMAT),
    _boot(
        "duplicate keys, one of them escaped", '"customData":{"vendorId":"x","vendor\\u0049d":"y"}', FORMAT
    ),
    _boot("a number of 5,000 digits", f'"customData":{{"vendorId":"x","a":{DIGITS}}}', FORMAT),
    _boot("nested 2,000 deep", f'"customData":{{"vendorId":"x","a":{DEEP}}}', FORMAT),
    _boot("nested 100,000 deep and open", f'"customData":{{"vendorId":"x","a":{DEEPER}', FORMAT),
    _status("a whole number beyond 64 bit", '"connectorId":1', '"connectorId":9223372036854775808', PROPERTY),
    _both("result for an id that we did not send", '[3,"never-sent",{}]', SILENT),
    _both("error for an id that we did not send", '[4,"never-sent","GenericError","",{}]', SILENT),
    _both("result without id", "[3]", SILENT),
    _both("error without code", '[4,"never-sent"]', SILENT),
]
