"""One row for each route of each OCPI module: what to send there, and what is said.

A route without a row fails `test_every_route_has_a_row`: add it here.
Read by `test_endpoints`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ocpi import objects
from tests.ocpi.test_hub_clients import info
from tests.ocpi.test_received_places import connector, evse, location, tariff
from tests.ocpi.test_tokens import token

Said = tuple[int, int]
"""HTTP status and OCPI's status code."""
Body = Callable[[str, Mapping[str, str]], Any]
"""The body in a version; the names are those of `endpoint_world.World.known`."""
DONE: Said = (200, 1000)
NEW: Said = (201, 1000)
ABSENT: Said = (404, 2000)
NO_PLACE: Said = (404, 2003)
NO_TOKEN: Said = (404, 2004)
WRONG: Said = (200, 2001)
NOT_CAPABLE: Said = (404, 2001)
METHOD: Said = (405, 2000)
LATER = {"last_updated": "2026-03-02T00:00:00Z"}
BACK = "http://127.0.0.1:9/back"


@dataclass(frozen=True)
class Case:
    """What a route says to a fitting request (`said`) and where `absent` names nothing (`unknown`).

    `absent` is the last name of the address unless told; `unknown` is None where a new name is welcome. `old`
    and `old_unknown` stand for 2.1.1 where it differs.
    """

    said: Said = DONE
    unknown: Said | None = ABSENT
    body: Body | None = None
    query: str = ""
    absent: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    old: Said | None = None
    old_unknown: Said | None = None

    def expected(self, version: str) -> tuple[Said, Said | None]:
        """To a fitting request, to an unknown name."""
        if version != "2.1.1":
            return self.said, self.unknown
        return self.old or self.said, self.old_unknown or self.unknown


def _of(make: Callable[..., Any], **changes: Any) -> Body:
    return lambda version, _: make(version, **changes)


def _says(**words: str) -> Body:
    """Fixed words; "@name" means a name of the world."""
    return lambda _, known: {key: known.get(word.lstrip("@"), word) for key, word in words.items()}


def _part(**changes: Any) -> Body:
    return lambda *_: {**changes, **LATER}


def _profile(_: str, known: Mapping[str, str]) -> Any:
    period = [{"start_period": 0, "limit": 16}]
    return {
        "response_url": BACK,
        "charging_profile": {"charging_rate_unit": "A", "charging_profile_period": period},
    }


def _active(version: str, known: Mapping[str, str]) -> Any:
    profile = _profile(version, known)["charging_profile"]
    return {"start_date_time": LATER["last_updated"], "charging_profile": profile}


OWNER = "{country_code}/{party_id}"
PLACE = f"{OWNER}/{{location_id}}"
OURS = {"country_code": "DE", "party_id": "EMP"}
ASK = f"?duration=900&response_url={BACK}"
LISTS = ("locations", "sessions", "cdrs", "tariffs", "tokens")
"""Modules whose sender is a list with pages."""
SINCE = "?date_from=2020-01-01T00:00:00Z"
CASES: dict[tuple[str, str, str, str], Case] = {
    **{(name, "SENDER", "GET", ""): Case(unknown=None, query=SINCE) for name in LISTS},
    ("credentials", "SENDER", "GET", ""): Case(unknown=None),
    ("credentials", "SENDER", "POST", ""): Case(METHOD, None, body=_says(url="x")),
    ("credentials", "SENDER", "PUT", ""): Case(WRONG, None, body=_says(url="x")),
    ("credentials", "SENDER", "DELETE", ""): Case(unknown=None),
    ("locations", "SENDER", "GET", "{location_id}"): Case(unknown=NO_PLACE),
    ("locations", "SENDER", "GET", "{location_id}/{evse_uid}"): Case(unknown=NO_PLACE),
    ("locations", "SENDER", "GET", "{location_id}/{evse_uid}/{connector_id}"): Case(unknown=NO_PLACE),
    ("locations", "RECEIVER", "GET", PLACE): Case(unknown=NO_PLACE),
    ("locations", "RECEIVER", "GET", f"{PLACE}/{{evse_uid}}"): Case(unknown=NO_PLACE),
    ("locations", "RECEIVER", "GET", f"{PLACE}/{{evse_uid}}/{{connector_id}}"): Case(unknown=NO_PLACE),
    ("locations", "RECEIVER", "PUT", PLACE): Case(NEW, None, _of(location)),
    ("locations", "RECEIVER", "PUT", f"{PLACE}/{{evse_uid}}"): Case(
        DONE, NO_PLACE, _of(evse, **LATER), absent="location_id"
    ),
    ("locations", "RECEIVER", "PUT", f"{PLACE}/{{evse_uid}}/{{connector_id}}"): Case(
        DONE, NO_PLACE, _of(connector, **LATER), absent="location_id"
    ),
    ("locations", "RECEIVER", "PATCH", PLACE): Case(DONE, NO_PLACE, _part(name="Hof")),
    ("locations", "RECEIVER", "PATCH", f"{PLACE}/{{evse_uid}}"): Case(
        DONE, NO_PLACE, _part(status="BLOCKED")
    ),
    ("locations", "RECEIVER", "PATCH", f"{PLACE}/{{evse_uid}}/{{connector_id}}"): Case(
        DONE, NO_PLACE, _part(format="CABLE")
    ),
    ("sessions", "RECEIVER", "GET", f"{OWNER}/{{session_id}}"): Case(),
    ("sessions", "RECEIVER", "PUT", f"{OWNER}/{{session_id}}"): Case(NEW, None, _of(objects.session)),
    ("sessions", "RECEIVER", "PATCH", f"{OWNER}/{{session_id}}"): Case(body=_part(kwh=9)),
    ("sessions", "SENDER", "PUT", "{session_id}/charging_preferences"): Case(
        NOT_CAPABLE, ABSENT, _says(profile_type="REGULAR"), old=ABSENT
    ),
    ("cdrs", "RECEIVER", "POST", ""): Case(NEW, None, _of(objects.cdr)),
    ("cdrs", "RECEIVER", "GET", f"{OWNER}/{{cdr_id}}"): Case(),
    ("cdrs", "RECEIVER", "GET", "{cdr_id}"): Case(),
    ("tariffs", "RECEIVER", "GET", f"{OWNER}/{{tariff_id}}"): Case(),
    ("tariffs", "RECEIVER", "PUT", f"{OWNER}/{{tariff_id}}"): Case(NEW, None, _of(tariff)),
    ("tariffs", "RECEIVER", "PATCH", f"{OWNER}/{{tariff_id}}"): Case(
        METHOD, METHOD, _part(currency="USD"), old=DONE, old_unknown=ABSENT
    ),
    ("tariffs", "RECEIVER", "DELETE", f"{OWNER}/{{tariff_id}}"): Case(),
    ("tokens", "SENDER", "POST", "{token_uid}/authorize"): Case(unknown=NO_TOKEN, old_unknown=ABSENT),
    ("tokens", "SENDER", "POST", f"{OWNER}/{{token_uid}}/authorize"): Case(
        unknown=NO_TOKEN, params=OURS, old_unknown=ABSENT
    ),
    ("tokens", "RECEIVER", "GET", f"{OWNER}/{{token_uid}}"): Case(unknown=NO_TOKEN, old_unknown=ABSENT),
    ("tokens", "RECEIVER", "PUT", f"{OWNER}/{{token_uid}}"): Case(NEW, None, _of(token, uid="CARD-1")),
    ("tokens", "RECEIVER", "PATCH", f"{OWNER}/{{token_uid}}"): Case(
        DONE, NO_TOKEN, _part(valid=False), old_unknown=ABSENT
    ),
    ("commands", "RECEIVER", "POST", "{command}"): Case(
        unknown=DONE, body=_says(response_url=BACK, session_id="@session_id")
    ),
    ("commands", "SENDER", "POST", "{command}/{handle}"): Case(body=_says(result="ACCEPTED")),
    ("chargingprofiles", "RECEIVER", "GET", "{session_id}"): Case(unknown=DONE, query=ASK),
    ("chargingprofiles", "RECEIVER", "PUT", "{session_id}"): Case(unknown=DONE, body=_profile),
    ("chargingprofiles", "RECEIVER", "DELETE", "{session_id}"): Case(unknown=DONE, query=ASK),
    ("chargingprofiles", "SENDER", "POST", "result/{handle}"): Case(
        body=_says(result="ACCEPTED"), params={"handle": "handle-2"}
    ),
    ("chargingprofiles", "SENDER", "PUT", "{session_id}"): Case(unknown=None, body=_active),
    ("hubclientinfo", "RECEIVER", "GET", OWNER): Case(absent="party_id"),
    ("hubclientinfo", "RECEIVER", "PUT", OWNER): Case(
        WRONG, None, lambda *_: info(country_code="NL", party_id="TST")
    ),
}
