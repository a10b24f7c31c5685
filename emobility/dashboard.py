"""The first page of the admin: how is everything now, what is wrong, what did today bring."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from billing.models import Cdr, Review
from central.admin.words import session_badge, state_badge
from central.ports import ports
from central.selectors import figures
from central.selectors.overview import STATES, zone_of
from emobility.lib.clock import utc_now
from emobility.lib.display import NOTHING, badge, keep, kw, kwh, link, moment, money, span
from ocpi.models import Delivery, Partner
from ocpi.models.delivery import DeliveryState
from ocpi.models.partner import PartnerStatus
from registry.admin.actions import object_url
from registry.rights import Right, may

ROWS = 8
WEEK = timedelta(days=7)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What templates/admin/index.html shows; called by the admin's index."""
    actor, now = request.user, utc_now()
    if not may(actor, Right.SEE):
        return context
    inspects = may(actor, Right.INSPECT)
    context.update(
        topics="*",
        states=_states(actor),
        today=_today(actor, now),
        problems=_problems(actor, now) if inspects else [],
        trouble=_trouble(actor, now),
        running=_running(actor, now),
        recent=_recent(actor, now),
        has_charge_points=True,
        api_docs=True,
    )
    context["empty"] = not any(tile["value"] for tile in context["states"])
    return context


def _address(name: str, query: str = "") -> str:
    return f"{reverse(f'admin:{name}_changelist')}{query}"


def _states(actor: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": STATES[state][0],
            "tone": STATES[state][1] if count else "mute",
            "value": count,
            "url": _address("registry_chargepoint", f"?state={state}"),
        }
        for state, count in figures.by_state(actor).items()
    ]


def _today(actor: Any, now: datetime) -> list[dict[str, Any]]:
    zone = ZoneInfo(actor.organization.time_zone if actor.organization_id else settings.TIME_ZONE)
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = [(start, now), (start - WEEK, now - WEEK)]
    current = figures.running_now(actor)
    (energy, count), (energy_then, count_then) = figures.energy_between(actor, spans)
    weekday = _t("last {day} by now").format(day=(start - WEEK).strftime("%A"))
    sessions_today = _address("central_session", "?since=24")
    now_tone = "busy" if current.sessions else "mute"
    now_url = _address("central_session", "?state=active")
    revenue, revenue_then = (_revenue(actor, *span) for span in spans)
    return [
        _card(_("Sessions now"), current.sessions, kw(current.power_w), now_tone, now_url),
        _card(_("Sessions today"), count, f"{count_then} {weekday}", "info", sessions_today),
        _card(_("Energy today"), kwh(energy), f"{kwh(energy_then)} {weekday}", "info", sessions_today),
        _card(_("Revenue today"), revenue, f"{revenue_then} {weekday}", "good", _address("billing_cdr")),
    ]


def _card(name: Any, value: Any, note: str, tone: str, url: str) -> dict[str, Any]:
    return {"name": name, "value": value, "note": note, "tone": tone, "url": url}


def _revenue(actor: Any, start: datetime, end: datetime) -> str:
    cdrs = Cdr.objects.visible_to(actor).ready_for_delivery()
    cdrs = cdrs.filter(created_at__gte=start, created_at__lt=end)
    sums: Iterable[tuple[str, Decimal]] = (
        cdrs.order_by("currency").values_list("currency").annotate(total=Sum("total_cost_incl"))
    )
    return " + ".join(money(total, currency) for currency, total in sums) or NOTHING


def _problems(actor: Any, now: datetime) -> list[dict[str, Any]]:
    found = figures.problems(actor, now)
    dead = Q(deliveries__state=DeliveryState.DEAD) | Q(failures__gt=0) | Q(paused_until__gt=now)
    partners = (
        Partner.objects.visible_to(actor).exclude(status=PartnerStatus.INACTIVE).filter(dead).distinct()
    )
    lost = Delivery.objects.visible_to(actor).filter(state=DeliveryState.DEAD).count()
    waiting = Review.objects.visible_to(actor).filter(decision="").count()
    counted = [
        (_("Engine faults"), found.engine_faults, _address("registry_chargepoint", "?monitor=FAULT"), "bad"),
        (_("To review"), waiting, _address("billing_review", "?state=open"), "warn"),
        (
            _("Failed commands (24\u00a0h)"),
            found.failed_commands,
            _address("central_command", "?state=trouble&since=24"),
            "bad",
        ),
        (_("Security events"), found.security, _address("central_securityevent", "?open=1"), "bad"),
        (_("Partners in trouble"), partners.count(), _address("ocpi_partner", "?health=trouble"), "bad"),
        (_("Undelivered"), lost, _address("ocpi_delivery", "?state=dead"), "bad"),
    ]
    return [
        {"name": name, "value": count, "url": url, "tone": tone if count else "mute"}
        for name, count, url, tone in counted
    ]


def _trouble(actor: Any, now: datetime) -> dict[str, Any]:
    rows = [
        [
            (_("Charge point"), link(object_url(item), item.cp_id)),
            (_("State"), _trouble_badge(item, now)),
            (_("Site"), item.site or item.location),
            (_("Whom it hurts"), _hurt(item)),
        ]
        for item in figures.in_trouble(actor, ROWS)
    ]
    return {
        "key": "trouble",
        "title": _("Broken now"),
        "width": "em-w6",
        "columns": [_("Charge point"), _("State"), _("Site"), _("Whom it hurts")],
        "rows": rows,
        "more": _address("registry_chargepoint", "?state=faulted"),
        "empty": _("Nothing is broken. Every charge point that was ever connected is online and well."),
    }


def _trouble_badge(item: Any, now: datetime) -> Any:
    if item.state in {"faulted", "offline"}:
        return state_badge(item, now)
    return badge(_("Engine fault"), "bad", item.live.monitor_at, now)


def _hurt(item: Any) -> Any:
    if not item.running:
        return NOTHING
    return _t("{count} running session(s)").format(count=len(item.running))


def _running(actor: Any, now: datetime) -> dict[str, Any]:
    sessions = figures.running_sessions(actor, ROWS)
    costs = ports.running_cost([session.pk for session in sessions]) if sessions else {}
    rows = [
        [
            (_("Charge point"), link(object_url(session), session.charge_point.cp_id)),
            (_("Tag"), keep(session.id_tag)),
            (_("Time"), span(now - session.started_at)),
            (_("Energy"), kwh(session.energy_wh)),
            (_("Power"), kw(session.power_w)),
            (_("Cost"), _cost(costs.get(session.pk))),
        ]
        for session in sessions
    ]
    return {
        "key": "running",
        "title": _("Charging now"),
        "width": "em-w6",
        "columns": [_("Charge point"), _("Tag"), _("Time"), _("Energy"), _("Power"), _("Cost")],
        "rows": rows,
        "more": _address("central_session", "?state=active"),
        "empty": _("No car is charging at this moment."),
    }


def _cost(cost: Any) -> str:
    return money(cost.amount_incl, cost.currency) if cost else NOTHING


def _recent(actor: Any, now: datetime) -> dict[str, Any]:
    sessions = figures.recent_sessions(actor, ROWS)
    documents = ports.session_documents([session.pk for session in sessions]) if sessions else {}
    rows = [
        [
            (_("Start"), link(object_url(session), moment(session.started_at, _zone(session)))),
            (_("Charge point"), link(object_url(session.charge_point), session.charge_point.cp_id)),
            (_("Tag"), keep(session.id_tag)),
            (_("Energy"), kwh(session.energy_wh)),
            (_("State"), session_badge(session, now)),
            *_documented(documents.get(session.pk, ())),
        ]
        for session in sessions
    ]
    return {
        "key": "recent",
        "title": _("Ended last"),
        "columns": [_("Start"), _("Charge point"), _("Tag"), _("Energy"), _("State"), _("CDR"), _("Partner")],
        "rows": rows,
        "more": _address("central_session", "?state=ended"),
        "empty": _("No session has ended yet."),
    }


def _documented(documents: Any) -> list[tuple[Any, Any]]:
    for document in documents:
        total = link(document.url, money(document.amount, document.currency))
        return [(_("CDR"), total), (_("Partner"), document.state)]
    return [(_("CDR"), NOTHING), (_("Partner"), NOTHING)]


def _zone(session: Any) -> str:
    return zone_of(session)
