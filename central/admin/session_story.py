"""The page of one session: its figures, its curve, its price, what was said."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.admin.cards import session_cards
from central.admin.order_history import ongoing_words, waiting_words
from central.admin.power_cards import session_power
from central.admin.session_costs import calculated_cards
from central.admin.words import command_badge, session_badge, stop_words
from central.models import Command, Session, SessionEvent, TransactionCheck
from central.models.command import order_words
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.pages.curve import curve_svg
from central.ports import RunningCost, ports
from central.selectors.curves import session_curve
from emobility.lib.display import NOTHING, age, code, kw, kwh, link, moment, money, span
from registry.admin.actions import object_url
from registry.rights import Right, may

ROWS = 20


def session_story(request: HttpRequest, obj: Session, now: datetime) -> dict[str, Any]:
    """Everything that the page tells."""
    zone = (obj.site or obj.organization).time_zone
    cost = ports.running_cost([obj.pk]).get(obj.pk)
    cards = [
        _price(obj),
        *session_cards(request, obj, now),
        *calculated_cards(obj, cost),
        _events(obj, zone),
    ]
    if may(request.user, Right.INSPECT):
        cards.append(_commands(obj, now))
    return {
        "topics": f"session:{obj.pk}",
        "title": _("Session {number}").format(number=obj.transaction_id),
        "state_badge": session_badge(obj, now),
        "summary": _summary(obj),
        "figures": _figures(obj, now, cost),
        "curve": curve_svg(session_curve(obj), zone),
        "cards": cards,
        "side": [_facts(obj, zone, now), *_more(request, obj)],
    }


def _summary(obj: Session) -> Any:
    place = f"· {obj.site}" if obj.site else ""
    return format_html(
        "{} · {} {}",
        link(object_url(obj.charge_point), obj.charge_point),
        _("connector {number}").format(number=obj.evse_number),
        place,
    )


def _figures(obj: Session, now: datetime, cost: RunningCost | None) -> list[dict[str, Any]]:
    running = obj.state == SessionState.ACTIVE
    figures = [
        {"name": _("Energy"), "value": kwh(obj.energy_wh), "tone": "busy"},
        {"name": _("Duration"), "value": span((obj.ended_at or now) - obj.started_at), "tone": "mute"},
        {
            "name": _("Cost so far") if running else _("Cost"),
            "value": money(cost.amount_incl, cost.currency) if cost else NOTHING,
            "note": _("incl. VAT") if cost else _("no tariff applies"),
            "tone": "good",
        },
    ]
    if running:
        figures.insert(1, {"name": _("Power now"), "value": kw(obj.power_w), "tone": "busy"})
    if obj.state_of_charge is not None:
        figures.append({"name": _("Battery"), "value": f"{obj.state_of_charge} %", "tone": "info"})
    return figures


def _facts(obj: Session, zone: str, now: datetime) -> dict[str, Any]:
    tag = link(object_url(obj.id_token), obj.id_tag) if obj.id_token else obj.id_tag
    facts = [
        (_("Tag"), tag),
        (_("Authorised"), code(obj.authorization_status) if obj.authorization_status else ""),
        (_("Started"), moment(obj.started_at, zone, seconds=True)),
        (_("Ended"), moment(obj.ended_at, zone, seconds=True)),
        (_("Because"), stop_words(obj.stop_reason)),
        (_("Meter at start"), kwh(obj.meter_start_wh)),
        (_("Meter, latest"), kwh(obj.meter_stop_wh if obj.meter_stop_wh is not None else obj.meter_last_wh)),
        (_("Protocol"), f"OCPP {obj.ocpp_version}"),
        (_("Transaction"), code(obj.transaction_id)),
        (_("Session id"), code(obj.uid)),
    ]
    if obj.needs_review:
        facts.append((_("Needs review"), _words(ReviewReason, obj.review_reasons)))
    if obj.flags:
        facts.append((_("Worth knowing"), _words(Remark, obj.flags)))
    check = TransactionCheck.objects.filter(session=obj).first()
    if check is not None:
        said = format_html("{} {} {}", ongoing_words(check), waiting_words(check), age(check.at, now))
        facts.append((_("When asked"), link(object_url(check), said)))
    return {"key": "facts", "title": _("What happened"), "facts": facts}


def _more(request: HttpRequest, obj: Session) -> list[dict[str, Any]]:
    if not may(request.user, Right.INSPECT):
        return []
    return [{"key": "more", "title": _("More of it"), "facts": session_power(obj)}]


def _words(kinds: Any, codes: Any) -> str:
    known = dict(kinds.choices)
    return ", ".join(str(known.get(each, each)) for each in codes)


def _price(obj: Session) -> dict[str, Any]:
    """The documents of the rooms above: CDR and price, with links."""
    documents = ports.session_documents([obj.pk]).get(obj.pk, ())
    rows = [
        [
            (_("Document"), link(document.url, document.label)),
            (_("Total"), money(document.amount, document.currency)),
            (_("State"), document.state),
        ]
        for document in documents
    ]
    running = obj.state == SessionState.ACTIVE
    empty = _("The CDR is made when the session has ended.") if running else _("The CDR is not made yet.")
    if obj.needs_review:
        empty = _("A person must look at this session before it is billed.")
    return {
        "key": "price",
        "title": _("Price"),
        "columns": [_("Document"), _("Total"), _("State")],
        "rows": rows,
        "empty": empty,
    }


def _events(obj: Session, zone: str) -> dict[str, Any]:
    events = SessionEvent.objects.filter(session=obj).order_by("-id")[:ROWS]
    rows = [
        [
            (_("Time"), moment(event.at, zone, seconds=True)),
            (_("Said"), event.kind),
            (_("No."), event.seq_no if event.seq_no is not None else NOTHING),
        ]
        for event in events
    ]
    return {
        "key": "events",
        "title": _("What the charge point said"),
        "columns": [_("Time"), _("Said"), _("No.")],
        "rows": rows,
        "more": _messages(obj),
        "more_text": _("Messages"),
    }


def _commands(obj: Session, now: datetime) -> dict[str, Any]:
    until = obj.ended_at or now
    commands = Command.objects.filter(
        charge_point_id=obj.charge_point_id, created_at__gte=obj.started_at, created_at__lte=until
    ).select_related("requested_by")[:ROWS]
    rows = [
        [
            (_("Order"), link(object_url(command), order_words(command.order))),
            (_("State"), command_badge(command, now)),
            (_("By"), command.requested_by or command.source),
        ]
        for command in commands
    ]
    return {
        "key": "commands",
        "title": _("Commands meanwhile"),
        "columns": [_("Order"), _("State"), _("By")],
        "rows": rows,
        "empty": _("Nothing was ordered while it ran."),
    }


def _messages(obj: Session) -> str:
    return f"{reverse('admin:central_message_changelist')}?charge_point__id__exact={obj.charge_point_id}"
