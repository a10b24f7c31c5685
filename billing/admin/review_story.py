"""The page of one case: why it waits, what was reported beside what is known, and what could be done."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from billing.admin.review_cards import audit_cards, charger_cost_cards, message_cards
from billing.models import Review
from billing.models.review import Decision
from billing.selectors.review_evidence import Evidence, review_evidence
from billing.services.review_proposals import repair_proposed, session_proposed
from billing.services.summaries import review_words
from central.admin.history import frame_link
from central.models import SessionEvent
from central.models.session import SessionState
from central.services.quarantine import is_linkable
from emobility.lib.display import NOTHING, badge, code, kw, kwh, link, moment, money, pretty
from registry.admin.actions import object_url

TONES = {Decision.OPEN: "warn", Decision.WAIVED: "mute", Decision.DISMISSED: "mute"}


def review_story(request: HttpRequest, review: Review) -> dict[str, Any]:
    """Everything that the page tells."""
    place = review.session or review.event
    zone = (review.session.site if review.session else None) or review.organization
    evidence = review_evidence(review)
    cards = [
        _why(review),
        _proposal(review, zone.time_zone) if review.is_open else _decided(review, zone.time_zone),
        *message_cards(review, evidence, zone.time_zone),
        *charger_cost_cards(review),
    ]
    return {
        "title": str(review),
        "state_badge": decision_badge(review),
        "summary": _summary(review, place),
        "cards": [
            *cards,
            *_bill_cards(evidence, zone.time_zone),
            _frames(evidence, zone.time_zone, review.event_id),
            *audit_cards(request, review, zone.time_zone),
        ],
    }


def decision_badge(review: Review) -> SafeString:
    """Open, or what was decided."""
    decision = Decision(review.decision)
    return badge(str(decision.label).capitalize(), TONES.get(decision, "good"))


def _summary(review: Review, place: Any) -> Any:
    if place is None:
        return ""
    about = review.session if review.event is None else review.event
    return format_html(
        "{} · {}", link(object_url(place.charge_point), place.charge_point), link(object_url(about), about)
    )


def _why(review: Review) -> dict[str, Any]:
    bill = review.cdr
    facts: list[tuple[Any, Any]] = [(_("Because"), review_words(reason)) for reason in review.reasons]
    if bill is not None:
        facts.append((_("Held CDR"), link(object_url(bill), money(bill.total_cost_incl, bill.currency))))
    elif review.session is not None and review.session.state != SessionState.ENDED:
        facts.append((_("CDR"), _("not made yet: the session still runs")))
    elif review.event is None:
        facts.append((_("CDR"), _("not made yet; a decision makes it at once")))
    return {"title": _("What does not add up"), "width": "em-w6", "facts": facts}


def _proposal(review: Review, zone: str) -> dict[str, Any]:
    if review.event is not None:
        return _proposed_link(review.event)
    if review.session is None:
        return {"title": _("Proposed"), "width": "em-w6", "facts": []}
    if review.session.state != SessionState.ENDED:
        stop = (_("Stop the session"), link(object_url(review.session), review.session))
        return {"title": _("Proposed"), "width": "em-w6", "facts": [stop]}
    found = repair_proposed(review.session, review.reasons)
    if not found.changes:
        why = " ".join(found.why) or _t("Nothing better is known than what was reported.")
        return {"title": _("Proposed"), "width": "em-w6", "facts": [(_("Bill as reported"), why)]}
    facts = [
        (_("Energy"), kwh(found.repair.energy_wh)),
        (_("Started"), moment(found.repair.started_at, zone, seconds=True)),
        (_("Ended"), moment(found.repair.ended_at, zone, seconds=True)),
        (_("Because"), " ".join(found.why)),
    ]
    return {"title": _("Proposed repair"), "width": "em-w6", "facts": facts}


def _proposed_link(event: SessionEvent) -> dict[str, Any]:
    """The session that a message was of; only the end of an OCPP 1.6 session is linked by hand."""
    meant = session_proposed(event)
    facts: list[tuple[Any, Any]]
    if meant is not None:
        facts = [(_("Link to session"), link(object_url(meant), meant))]
    elif is_linkable(event):
        facts = [(_("Keep as evidence"), _("No session fits."))]
    else:
        facts = [(_("Keep as evidence"), _("Nothing can be ended with it: it names no open session."))]
    return {"title": _("Proposed"), "width": "em-w6", "facts": facts}


def _decided(review: Review, zone: str) -> dict[str, Any]:
    repair = review.repair or {}
    facts = [
        (_("Decision"), Decision(review.decision).label),
        (_("By"), review.decided_by or _("nobody: it settled itself")),
        (_("When"), moment(review.decided_at, zone, seconds=True)),
        (_("Why"), review.note or NOTHING),
    ]
    if repair:
        facts += [
            (_("Energy instead"), kwh(repair["energy_wh"])),
            (_("Started instead"), moment(datetime.fromisoformat(repair["started_at"]), zone, seconds=True)),
            (_("Ended instead"), moment(datetime.fromisoformat(repair["ended_at"]), zone, seconds=True)),
        ]
    return {"title": _("Decided"), "width": "em-w6", "facts": facts}


def _bill_cards(evidence: Evidence, zone: str) -> list[dict[str, Any]]:
    if evidence.energy_wh is None:
        return []
    registers, times = evidence.registers, evidence.times
    meter = [
        (_("Meter at start"), kwh(registers["start"])),
        (_("Meter, latest value"), kwh(registers["last"])),
        (_("Meter at end"), kwh(registers["stop"])),
        (_("Energy reported"), kwh(evidence.energy_wh)),
        (_("Most that could flow"), kwh(evidence.possible_wh)),
        (_("Power of the connector"), kw(evidence.max_power_w) if evidence.max_power_w else _("nobody said")),
    ]
    columns = [_("What"), _("The charge point's clock"), _("Reached us")]
    pairs = [
        (_("Start"), "started_at", "start_received_at"),
        (_("Latest meter value"), "last_value_at", ""),
        (_("End"), "ended_at", "end_received_at"),
    ]
    rows = [
        [
            (columns[0], name),
            (columns[1], moment(times.get(theirs), zone, seconds=True)),
            (columns[2], moment(times.get(ours), zone, seconds=True)),
        ]
        for name, theirs, ours in pairs
    ]
    clocks = {"title": _("Both clocks"), "width": "em-w6", "columns": columns, "rows": rows}
    return [{"title": _("Registers"), "width": "em-w6", "facts": meter}, clocks]


def _folded(payload: Any, *, is_open: bool) -> Any:
    """A payload that opens by a click; the one in doubt is open."""
    reason = payload.get("triggerReason", "") if isinstance(payload, dict) else ""
    words = code(reason) if reason else _("show")
    opened = mark_safe(" open") if is_open else ""
    return format_html(
        '<details class="em-how"{}><summary>{}</summary>{}</details>', opened, words, pretty(payload)
    )


def _frames(evidence: Evidence, zone: str, event_id: int | None) -> dict[str, Any]:
    columns = [_("Time"), _("Reached us"), _("Said"), _("Payload"), _("Frame")]
    rows = [
        [
            (columns[0], moment(frame.at, zone, seconds=True)),
            (columns[1], moment(frame.received_at, zone, seconds=True)),
            (columns[2], link(object_url(frame), frame.kind)),
            (columns[3], _folded(frame.payload, is_open=frame.pk == event_id)),
            (columns[4], frame_link(evidence.messages, frame)),
        ]
        for frame in evidence.frames
    ]
    return {
        "title": _("What the charge point said"),
        "columns": columns,
        "rows": rows,
        "empty": _("No frame is kept."),
    }
