"""The page of one session: its figures, its curve, its price, its time line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.admin.cards import session_cards
from central.admin.power_cards import session_power
from central.admin.session_costs import calculated_cards
from central.admin.session_time_line import price_marks, time_line, time_line_card
from central.admin.words import session_badge, stop_words
from central.models import Session
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.pages.curve import curve_svg
from central.ports import PriceSteps, RunningCost, ports
from central.selectors.curves import Point, session_curve
from central.selectors.session_course import session_course
from emobility.lib.display import NOTHING, badge, code, kw, kwh, link, moment, money, span
from registry.admin.actions import object_url
from registry.rights import Right, may


def session_story(request: HttpRequest, obj: Session, now: datetime) -> dict[str, Any]:
    """Everything that the page tells."""
    zone = (obj.site or obj.organization).time_zone
    cost = ports.running_cost([obj.pk]).get(obj.pk)
    points, prices = session_curve(obj), ports.price_steps(obj)
    cards = [
        _time_line(request, obj, now, points, prices),
        _price(obj),
        *session_cards(request, obj, now),
        *calculated_cards(obj, cost),
    ]
    return {
        "topics": f"session:{obj.pk}",
        "title": _("Session {number}").format(number=obj.transaction_id),
        "state_badge": session_badge(obj, now),
        "summary": _summary(obj),
        "figures": _figures(obj, now, cost),
        "curve": curve_svg(points, zone, price_marks(prices)),
        "price_changes": len({step.at for step in prices.steps}) > 1,
        "cards": cards,
        "side": [_facts(obj, zone), *_more(request, obj)],
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


def _facts(obj: Session, zone: str) -> dict[str, Any]:
    tag = link(object_url(obj.id_token), obj.id_tag) if obj.id_token else obj.id_tag
    facts = [
        (_("Tag"), tag),
        (_("Authorised"), code(obj.authorization_status) if obj.authorization_status else ""),
        (_("Started"), moment(obj.started_at, zone, seconds=True)),
        (_("Ended"), moment(obj.ended_at, zone, seconds=True)),
        (_("Because"), stop_words(obj.stop_reason)),
        (_("Meter at start"), kwh(obj.meter_start_wh)),
        (_("Meter, latest"), kwh(obj.meter_stop_wh if obj.meter_stop_wh is not None else obj.meter_last_wh)),
        (_("Protocol"), f"OCPP {obj.ocpp_version}" if obj.ocpp_version else ""),
        (_("Transaction"), code(obj.transaction_id)),
        (_("Session id"), code(obj.uid)),
    ]
    if obj.needs_review:
        facts.append((_("Needs review"), _words(ReviewReason, obj.review_reasons)))
    if obj.flags:
        facts.append((_("Worth knowing"), _words(Remark, obj.flags)))
    return {"key": "facts", "title": _("At a glance"), "facts": facts}


def _more(request: HttpRequest, obj: Session) -> list[dict[str, Any]]:
    if not may(request.user, Right.INSPECT):
        return []
    return [{"key": "more", "title": _("More of it"), "facts": session_power(obj)}]


def _words(kinds: Any, codes: Any) -> str:
    known = dict(kinds.choices)
    return ", ".join(str(known.get(each, each)) for each in codes)


def _price(obj: Session) -> dict[str, Any]:
    """The documents of the rooms above: CDR and price, with links."""
    running = obj.state == SessionState.ACTIVE
    documents = ports.session_documents([obj.pk]).get(obj.pk, ())
    rows = [
        [
            (_("Document"), link(document.url, document.label)),
            (_("Total"), money(document.amount, document.currency)),
            (_("State"), document.state),
        ]
        for document in documents
    ]
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


def _time_line(
    request: HttpRequest, obj: Session, now: datetime, points: Sequence[Point], prices: PriceSteps
) -> dict[str, Any]:
    """The one time line of all that happened, and the way to the rest of it."""
    inside = may(request.user, Right.INSPECT)
    course = session_course(obj, now, inside=inside)
    zone = (obj.site or obj.organization).time_zone
    more: dict[str, Any] = {"more": _messages(obj), "more_text": _("All messages")} if inside else {}
    if course.cut:
        more["state"] = badge(_("the newest of each kind"), "mute")
    moments = time_line(obj, course, points, prices)
    return time_line_card(moments, chosen=request.GET.get("kind", ""), zone=zone, more=more)


def _messages(obj: Session) -> str:
    return f"{reverse('admin:central_message_changelist')}?charge_point__id__exact={obj.charge_point_id}"
