"""Cards of a case of the review queue: its message, the cost by the charge point, who did what."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import Cdr, Review
from billing.selectors.review_evidence import Evidence
from central.admin.history import frame_link
from central.admin.session_causes import trigger_words
from central.admin.session_costs import calculated_cards
from central.admin.words import stop_words
from central.ports import RunningCost
from emobility.lib.display import NOTHING, code, link, moment, money, pretty
from registry.admin.actions import object_url
from registry.models import AuditEntry
from registry.rights import Right, may

MOST_ACTS: Final = 20
KINDS: Final = {
    "fixed": (_("Start fee"), ("fixed",)),
    "energy": (_("Energy"), ("energy",)),
    "time": (_("Charging time"), ("chargingTime",)),
    "parking": (_("Parking time"), ("idleTime",)),
    "reservation": (_("Reservation"), ("reservationTime", "reservationFixed")),
}
"""Our kinds of cost with their words, and the parts of OCPP 2.1 TotalCostType that are the same."""


def message_cards(review: Review, evidence: Evidence, zone: str) -> list[dict[str, Any]]:
    """What the message in doubt said, with the ways to its frame, its event and its session."""
    event = review.event
    if event is None:
        return []
    payload = event.payload if isinstance(event.payload, dict) else {}
    info = payload.get("transactionInfo") or {}
    facts = [
        (_("Event"), link(object_url(event), event.kind)),
        (_("Frame"), frame_link(evidence.messages, event)),
        (_("Session"), link(object_url(event.session), event.session) if event.session else _("none fits")),
        (_("Transaction"), code(info.get("transactionId") or payload.get("transactionId") or NOTHING)),
        (_("Caused by"), trigger_words(str(payload.get("triggerReason") or ""))),
        (_("Ended because"), stop_words(str(info.get("stoppedReason") or payload.get("reason") or ""))),
        (_("Said at"), moment(event.at, zone, seconds=True)),
        (_("Reached us"), moment(event.received_at, zone, seconds=True)),
    ]
    return [{"key": "message", "title": _("The message in doubt"), "width": "em-w6", "facts": facts}]


def charger_cost_cards(review: Review) -> list[dict[str, Any]]:
    """What the charge point told its driver beside what we bill; nothing where it told none."""
    session, bill = review.session, review.cdr
    row = getattr(session, "charge_point_cost", None) if session is not None else None
    if session is None or row is None:
        return []
    ours = None
    if bill is not None:
        ours = RunningCost(bill.total_cost_excl, bill.total_cost_incl, bill.currency, bill.created_at)
    cards = [{**card, "width": "em-w6"} for card in calculated_cards(session, ours)]
    if bill is not None:
        cards.append(_by_kind(row.details.get("totalCost") or {}, row.currency, bill))
    return cards


def _by_kind(theirs: Mapping[str, Any], currency: str, bill: Cdr) -> dict[str, Any]:
    columns = [_("For"), _("Charge point, excl. tax"), _("Ours, excl. tax")]
    rows = []
    for kind, (word, parts) in KINDS.items():
        told = [Decimal(str(theirs[part]["exclTax"])) for part in parts if "exclTax" in theirs.get(part, {})]
        mine = bill.costs.get(kind)
        if told or mine:
            cells = (
                money(sum(told, Decimal(0)), currency) if told else NOTHING,
                money(Decimal(mine["excl_vat"]), bill.currency) if mine else NOTHING,
            )
            rows.append(list(zip(columns, (word, *cells), strict=True)))
    return {
        "key": "parts",
        "title": _("Where it differs"),
        "width": "em-w6",
        "columns": columns,
        "rows": rows,
        "empty": _("It told no parts."),
    }


def audit_cards(request: HttpRequest, review: Review, zone: str) -> list[dict[str, Any]]:
    """Who did what to the case, from where; for those who may read the audit trail."""
    if not may(request.user, Right.AUDIT):
        return []
    acts = AuditEntry.objects.filter(object_type="review", object_id=str(review.pk))[:MOST_ACTS]
    columns = [_("Time"), _("Who"), _("What"), _("From"), _("After")]
    rows = [
        [
            (columns[0], moment(act.at, zone, seconds=True)),
            (columns[1], act.actor),
            (columns[2], link(object_url(act), act.action)),
            (columns[3], act.remote_address or NOTHING),
            (columns[4], pretty(act.after)),
        ]
        for act in acts
    ]
    empty = _("Nobody did anything yet.")
    return [{"key": "audit", "title": _("Audit trail"), "columns": columns, "rows": rows, "empty": empty}]
