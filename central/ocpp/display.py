"""MessageInfoType of 2.x and our text, in both directions (2.0.1 §2.27, 2.1 with several languages)."""

from typing import Any, Final

from central.ocpp.vocabulary import format_time, parse_time
from central.services.display_messages import Text

PRIORITIES: Final = ("AlwaysFront", "InFront", "NormalCycle")
STATES: Final = ("Charging", "Faulted", "Idle", "Unavailable")
STATES_2_1: Final = ("Suspended", "Discharging")
FORMATS: Final = ("UTF8", "ASCII", "HTML", "URI")
FORMATS_2_1: Final = ("QRCODE",)


def text_of(info: dict[str, Any]) -> Text:
    """A MessageInfoType as we keep it: the main text first, then those in other languages (2.1)."""
    return Text(
        priority=info["priority"],
        contents=[_content(each) for each in (info["message"], *info.get("messageExtra", ()))],
        shown_state=info.get("state", ""),
        starts_at=parse_time(info["startDateTime"]) if "startDateTime" in info else None,
        ends_at=parse_time(info["endDateTime"]) if "endDateTime" in info else None,
        transaction_id=info.get("transactionId", ""),
        display=info.get("display"),
    )


def info_of(number: int, text: Text) -> dict[str, Any]:
    """Our text as a MessageInfoType."""
    main, *extra = [{key: value for key, value in each.items() if value} for each in text.contents]
    info: dict[str, Any] = {"id": number, "priority": text.priority, "message": main}
    if extra:
        info["messageExtra"] = extra
    named = {"state": text.shown_state, "transactionId": text.transaction_id, "display": text.display}
    moments = {"startDateTime": text.starts_at, "endDateTime": text.ends_at}
    info |= {name: value for name, value in named.items() if value}
    return info | {name: format_time(moment) for name, moment in moments.items() if moment}


def _content(message: dict[str, Any]) -> dict[str, str]:
    return {
        "format": message["format"],
        "language": message.get("language", ""),
        "content": message["content"],
    }
