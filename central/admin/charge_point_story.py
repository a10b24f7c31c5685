"""The page of one charge point: now, sessions, commands, messages, credentials, audit."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.admin.cards import own_cards
from central.admin.words import (
    command_badge,
    connector_badge,
    session_badge,
    state_badge,
    stop_words,
    wanted_badge,
    wanted_of,
)
from central.models import Command, Message, Session, WantedAvailability
from central.models.command import order_words
from central.models.message import MessageKind
from central.ports import ports
from central.selectors.overview import OFFLINE, power_now, zone_of
from central.selectors.words import answer_word
from emobility.lib.display import NOTHING, age, badge, badges, code, keep, kw, kwh, link, moment, money, span
from registry.admin.actions import object_url
from registry.models import AuditEntry
from registry.rights import Right, may

ROWS = 8
Rows = list[list[tuple[Any, Any]]]


def charge_point_story(request: HttpRequest, obj: Any, now: datetime) -> dict[str, Any]:
    """Everything that the page tells, for those who may hear it."""
    cards, side = [_connectors(obj, now), _sessions(obj, now)], [_identity(obj, now)]
    if may(request.user, Right.INSPECT):
        cards += [_commands(obj, now), _messages(obj, now)]
    side += own_cards(request, obj, now)
    if may(request.user, Right.ENROL):
        side.append(_credentials(obj, now))
    if may(request.user, Right.AUDIT):
        side.append(_audit(obj, now))
    return {
        "topics": f"charge_point:{obj.pk}",
        "state_badge": state_badge(obj, now),
        "summary": " · ".join(dict.fromkeys(str(part) for part in (obj.site, obj.location) if part)),
        "cards": cards,
        "side": side,
    }


def _connectors(obj: Any, now: datetime) -> dict[str, Any]:
    running = {(session.evse_number): session for session in obj.running}
    costs = ports.running_cost([session.pk for session in obj.running]) if obj.running else {}
    online = obj.state != OFFLINE
    wanted = list(WantedAvailability.objects.filter(charge_point=obj))
    rows: Rows = []
    for plug in obj.connectors.all():
        marks = [connector_badge(plug, now, online=online), *wanted_of(plug, wanted, now)]
        rows.append(_plug(plug.evse.number, plug.number, badges(marks), plug))
        rows[-1] += _running(running.pop(plug.evse.number, None), costs, now)
    rows += [
        _plug(session.evse_number, session.connector_number, "", None) + _running(session, costs, now)
        for session in running.values()
    ]
    return {
        "key": "now",
        "title": _("Now"),
        "state": badges(wanted_badge(row, now) for row in wanted if not row.evse_number),
        "columns": [
            _("Connector"),
            _("State"),
            _("Session"),
            _("Tag"),
            _("Time"),
            _("Energy"),
            _("Power"),
            _("Cost"),
        ],
        "rows": rows,
        "empty": _("It has not reported any connector yet. Connectors appear with its first status report."),
    }


def _plug(evse: int, number: int, state: Any, plug: Any) -> list[tuple[Any, Any]]:
    name = f"{evse}" if number in {0, 1} else f"{evse} / {number}"
    trouble = ""
    if plug is not None and plug.error_code not in {"", "NoError"}:
        words = (plug.error_code, plug.vendor_error_code, plug.error_info)
        trouble = " ".join(part for part in words if part)
    return [
        (_("Connector"), name),
        (_("State"), format_html("{} {}", state, code(trouble) if trouble else "")),
    ]


def _running(session: Any, costs: Any, now: datetime) -> list[tuple[Any, Any]]:
    names = (_("Session"), _("Tag"), _("Time"), _("Energy"), _("Power"), _("Cost"))
    if session is None:
        return [(name, NOTHING) for name in names]
    cost = costs.get(session.pk)
    values = (
        link(object_url(session), keep(session.transaction_id)),
        keep(session.id_tag),
        span(now - session.started_at),
        kwh(session.energy_wh),
        kw(session.power_w),
        money(cost.amount_incl, cost.currency) if cost else NOTHING,
    )
    return list(zip(names, values, strict=True))


def _identity(obj: Any, now: datetime) -> dict[str, Any]:
    live = getattr(obj, "live", None)
    facts: list[tuple[Any, Any]] = [(_("Power now"), kw(power_now(obj)))]
    if live is not None:
        facts += _heard(obj, live, now)
    facts.append((_("Site"), link(object_url(obj.site), obj.site) if obj.site else _("none yet")))
    return {"key": "identity", "title": _("Charge point"), "facts": facts}


def _heard(obj: Any, live: Any, now: datetime) -> list[tuple[Any, Any]]:
    zone = zone_of(obj)
    facts = [
        (_("Last seen"), age(live.last_seen, now)),
        (_("Connected"), moment(live.connected_at, zone) if live.is_online else _("no")),
        (_("Address"), live.remote_address),
        (_("Model"), f"{live.vendor} {live.model}".strip()),
        (_("Serial number"), live.serial_number),
        (_("Firmware"), live.firmware_version),
        (_("Protocol"), f"OCPP {live.ocpp_version}" if live.ocpp_version else ""),
        (_("Boot"), format_html("{} {}", live.get_boot_status_display(), age(live.booted_at, now))),
    ]
    if live.monitor_state:
        tone = "bad" if live.monitor_state == "FAULT" else "good"
        mark = badge(live.get_monitor_state_display().capitalize(), tone, live.monitor_at, now)
        facts.append((_("Monitor"), format_html("{} {}", mark, live.monitor_reason)))
    return facts


def _sessions(obj: Any, now: datetime) -> dict[str, Any]:
    zone = zone_of(obj)
    rows: Rows = [
        [
            (_("Start"), link(object_url(session), moment(session.started_at, zone))),
            (_("State"), session_badge(session, now)),
            (_("Tag"), keep(session.id_tag)),
            (_("Energy"), kwh(session.energy_wh)),
            (_("End"), stop_words(session.stop_reason)),
        ]
        for session in Session.objects.filter(charge_point=obj)[:ROWS]
    ]
    return {
        "key": "sessions",
        "title": _("Sessions"),
        "columns": [_("Start"), _("State"), _("Tag"), _("Energy"), _("End")],
        "rows": rows,
        "more": _list("central_session", obj),
        "empty": _("No session yet. Start one from here, or hold a known tag to the reader."),
    }


def _commands(obj: Any, now: datetime) -> dict[str, Any]:
    commands = Command.objects.filter(charge_point=obj).select_related("requested_by")[:ROWS]
    rows: Rows = [
        [
            (_("Order"), link(object_url(command), order_words(command.order))),
            (_("State"), command_badge(command, now)),
            (_("By"), command.requested_by or command.source),
            (_("Answer"), answer_words(command)),
        ]
        for command in commands
    ]
    return {
        "key": "commands",
        "title": _("Commands"),
        "columns": [_("Order"), _("State"), _("By"), _("Answer")],
        "rows": rows,
        "more": _list("central_command", obj),
        "empty": _("Nothing was ordered yet."),
    }


def answer_words(command: Command) -> Any:
    """What came back, shortly."""
    if command.error:
        return command.error
    if command.whole not in {"", command.state}:
        return _("see its parts")
    word = answer_word(command.answer)
    return code(word) if word else ""


def _messages(obj: Any, now: datetime) -> dict[str, Any]:
    zone = zone_of(obj)
    rows: Rows = [
        [
            (_("Time"), link(object_url(message), moment(message.at, zone, seconds=True))),
            (_("From"), _("charge point") if message.direction == "in" else _("us")),
            (_("Message"), code(message.action or message.message_id)),
            (_("Kind"), message.error_code or MessageKind(message.kind).label),
        ]
        for message in Message.objects.filter(charge_point=obj).order_by("-at", "-id")[:ROWS]
    ]
    return {
        "key": "messages",
        "title": _("Messages"),
        "columns": [_("Time"), _("From"), _("Message"), _("Kind")],
        "rows": rows,
        "more": _list("central_message", obj),
        "empty": _("It has not said anything yet."),
    }


def _credentials(obj: Any, now: datetime) -> dict[str, Any]:
    zone = zone_of(obj)
    facts = [
        (_("Registration"), obj.get_status_display()),
        (_("Registered"), moment(obj.registered_at, zone)),
        (_("Last authenticated"), age(obj.last_authenticated, now)),
        (_("Secret"), _("set; only its fingerprint is stored") if obj.credential_hash else _("none")),
        (
            _("Rotation"),
            _("a new secret waits for its first use") if obj.pending_credential_hash else _("none"),
        ),
        (
            _("Certificate (SHA-256)"),
            code(obj.certificate_fingerprint) if obj.certificate_fingerprint else _("none"),
        ),
        (_("Security profile"), obj.security_profile),
    ]
    more = reverse("admin:registry_chargepoint_security", args=[obj.pk])
    return {
        "key": "credentials",
        "title": _("Credentials"),
        "facts": facts,
        "more": more,
        "more_text": _("Security"),
    }


def _audit(obj: Any, now: datetime) -> dict[str, Any]:
    entries = AuditEntry.objects.filter(
        organization_id=obj.organization_id,
        object_type="charge_point",
        object_id__in=[obj.cp_id, str(obj.pk)],
    )[:ROWS]
    rows: Rows = [
        [
            (_("What"), link(object_url(entry), entry.action.replace(".", " · ").replace("_", " "))),
            (_("Who"), entry.actor),
            (_("When"), age(entry.at, now)),
        ]
        for entry in entries
    ]
    return {
        "key": "audit",
        "title": _("Audit"),
        "columns": [_("What"), _("Who"), _("When")],
        "rows": rows,
        "empty": _("Nobody changed anything yet."),
    }


def _list(name: str, obj: Any) -> str:
    return f"{reverse(f'admin:{name}_changelist')}?charge_point__id__exact={obj.pk}"
