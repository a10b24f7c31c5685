"""Our commands to partners: sent, answered at once, given a result by the partner or TIMEOUT by the clock.

Each command has a `response_url` of its own that nobody can guess; a result counts from that partner alone.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from emobility.lib.errors import Conflict, Invalid
from ocpi.core.errors import PeerError
from ocpi.core.roles import root
from ocpi.models import Partner, SentCommand
from ocpi.models.command import ACCEPTED
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import endpoint_url
from ocpi.services.partner_clients import partner_client
from registry.models import User
from registry.services.audit import audit_record

USUAL_SECONDS: Final = 60
LONGEST_SECONDS: Final = 600
SLACK: Final = timedelta(seconds=5)
REJECTED: Final = "REJECTED"
TIMEOUT: Final = "TIMEOUT"
ROLES: Final[Mapping[str, str]] = {"commands": "EMSP", "chargingprofiles": "SCSP"}
PREFERENCES: Final = "CHARGING_PREFERENCES"
"""Answered at once and for good (OCPI 2.2.1 §9.2.1.2)."""
METHODS: Final[Mapping[str, str]] = {"GET_PROFILE": "GET", "SET_PROFILE": "PUT", "CLEAR_PROFILE": "DELETE"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a partner is to do: `body` without response_url, for charging profiles with `session_id`."""

    module: str
    kind: str
    body: Mapping[str, Any]


def command_send(
    *, partner: Partner, wish: Wish, requested_by: User | None = None, now: datetime
) -> SentCommand:
    """Order something of a partner; what it says at once stands in the row. No transaction may be open.

    Raises Invalid where it has no such interface, Conflict where it is not active.
    """
    why_not = hindrance(partner, wish.module)
    endpoint = _endpoint(partner, wish.module)
    if partner.status != PartnerStatus.ACTIVE:
        raise Conflict(why_not)
    if why_not or endpoint is None:
        raise Invalid(why_not, {"partner": _("has no such interface")})
    row = SentCommand.objects.create(
        organization=partner.organization,
        partner=partner,
        module=wish.module,
        kind=wish.kind,
        version=partner.version,
        payload=dict(wish.body),
        handle=secrets.token_urlsafe(32),
        requested_by=requested_by,
        created_at=now,
        deadline_at=now + timedelta(seconds=USUAL_SECONDS),
    )
    _audit(row, requested_by, now)
    _send(row, endpoint, now)
    row.refresh_from_db()
    return row


def hindrance(partner: Partner, module: str) -> str:
    """Why nothing of a module can be sent to a partner now, empty where it can."""
    if partner.status != PartnerStatus.ACTIVE:
        return _("The partner is not active.")
    if _endpoint(partner, module) is None:
        return _("The partner takes no such commands.")
    if module == "chargingprofiles" and "SCSP" not in identity_of(partner.organization).roles:
        return _("Only with the OCPI role SCSP: results could not come back.")
    return ""


def _endpoint(partner: Partner, module: str) -> str | None:
    return endpoint_url(partner, module, "SENDER" if module == "sessions" else "RECEIVER")


def _send(row: SentCommand, endpoint: str, now: datetime) -> None:
    method, url, body = _request(row, endpoint)
    try:
        data = partner_client(row.partner, now).ask_one(method, url, module=row.module, body=body)
    except PeerError as error:
        # What may have arrived may still bring a result: the clock decides.
        SentCommand.objects.filter(pk=row.pk).update(message=error.message[:255])
        if not error.arrived:
            _ended(row, now, message=error.message[:255], response=REJECTED)
        return
    if row.kind == PREFERENCES:
        _answered(row, data, now)
        return
    response = str(data.get("result") or "") if isinstance(data, dict) else ""
    if response != ACCEPTED:
        _ended(row, now, message=_said(data), response=response[:30] or REJECTED)
        return
    seconds = data.get("timeout")
    limit = seconds if isinstance(seconds, int) and 0 < seconds <= LONGEST_SECONDS else USUAL_SECONDS
    SentCommand.objects.filter(pk=row.pk).update(
        response=ACCEPTED, deadline_at=now + timedelta(seconds=limit) + SLACK
    )


def _answered(row: SentCommand, data: Any, now: datetime) -> None:
    """The bare word that preferences are answered with."""
    word = data[:30] if isinstance(data, str) and data else REJECTED
    SentCommand.objects.filter(pk=row.pk).update(
        response=word, result=word if word == ACCEPTED else "", finished_at=now
    )


def _ended(row: SentCommand, now: datetime, *, message: str, response: str) -> None:
    """Nothing more will come: refused, or nobody was there to ask."""
    waiting = SentCommand.objects.filter(pk=row.pk, result="")
    waiting.update(response=response, message=message, finished_at=now)


def _said(data: Any) -> str:
    """What a partner says of its refusal, in the first language that it gives."""
    told = data.get("message") if isinstance(data, dict) else None
    first = told[0] if isinstance(told, list) and told else None
    text = first.get("text") if isinstance(first, dict) else ""
    return str(text or "")[:255]


def _request(row: SentCommand, endpoint: str) -> tuple[str, str, dict[str, Any] | None]:
    """Method, address and body; requests of charging profiles without a body have it all in the address."""
    if row.module == "commands":
        return "POST", f"{endpoint}/{row.kind}", {**row.payload, "response_url": response_url(row)}
    body = dict(row.payload)
    url = f"{endpoint}/{quote(str(body.pop('session_id')), safe='')}"
    if row.kind == PREFERENCES:
        return "PUT", f"{url}/charging_preferences", body
    method, back = METHODS[row.kind], response_url(row)
    if method == "PUT":
        return method, url, {**body, "response_url": back}
    return method, f"{url}?{urlencode({**body, 'response_url': back})}", None


def response_url(row: SentCommand) -> str:
    """Where the partner tells the result."""
    identity = identity_of(row.organization)
    base = root(identity, row.version, ROLES[row.module])
    rest = f"{row.kind}/{row.handle}" if row.module == "commands" else f"result/{row.handle}"
    return f"{base}/{row.version}/sender/{row.module}/{rest}"


def command_result(
    *, partner: Partner, module: str, handle: str, body: Mapping[str, Any], now: datetime
) -> bool:
    """Keep a result that a partner told; False where there is no such command of ours to it.

    A later one replaces it: a reservation may be cancelled (§13.1), a late result is better than TIMEOUT.
    """
    rows = SentCommand.objects.filter(partner=partner, module=module, handle=handle)
    result = str(body["result"])[:30]
    values = {"result": result, "result_body": dict(body), "finished_at": now, "message": _said(body)}
    return rows.update(response=ACCEPTED, **values) == 1


def active_profile_told(
    *, partner: Partner, session_id: str, version: str, profile: Mapping[str, Any], now: datetime
) -> None:
    """Keep an active profile that a partner told by itself (OCPI 2.2.1 §14.4.2.2)."""
    SentCommand.objects.create(
        organization=partner.organization,
        partner=partner,
        module="chargingprofiles",
        kind="ACTIVE_PROFILE",
        version=version,
        payload={"session_id": session_id},
        handle=secrets.token_urlsafe(32),
        response=ACCEPTED,
        result=ACCEPTED,
        result_body={"result": ACCEPTED, "profile": dict(profile)},
        created_at=now,
        deadline_at=now,
        finished_at=now,
    )


def commands_give_up(*, now: datetime) -> int:
    """TIMEOUT for commands whose partner never told a result; answers how many."""
    late = SentCommand.objects.filter(result="", response__in=("", ACCEPTED), deadline_at__lte=now)
    return late.update(result=TIMEOUT, finished_at=now)


def _audit(row: SentCommand, actor: User | None, now: datetime) -> None:
    audit_record(
        actor=actor or "platform",
        action=f"partner_command.sent:{row.kind}",
        organization_id=row.organization_id,
        object_type="partner",
        object_id=str(row.partner_id),
        after={"command": str(row.uid)},
        now=now,
    )
