"""The page of one CDR: what it came to, line by line, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.models import Cdr
from billing.ports import CdrDelivery, ports
from billing.services.summaries import cdr_conditions, line_name, line_reason, quantity_words, review_words
from emobility.lib.display import NOTHING, badge, badges, code, kwh, link, moment, money, money_part, span
from registry.admin.actions import object_url

PERIODS = 200


def cdr_story(cdr: Cdr) -> dict[str, Any]:
    """Everything that the page tells."""
    zone = (cdr.session.site or cdr.organization).time_zone
    cards = [_lines(cdr), _facts(cdr, zone), _deliveries(cdr), _periods(cdr, zone)]
    if cdr.needs_review:
        cards.insert(0, _review(cdr))
    if cdr.reviews.all():
        cards.insert(1, _decisions(cdr, zone))
    return {
        "title": money(cdr.total_cost_incl, cdr.currency),
        "state_badge": review_badge(cdr),
        "summary": format_html(
            "{} · {}", link(object_url(cdr.session), cdr.session.charge_point), kwh(cdr.energy_wh)
        ),
        "cards": cards,
    }


def review_badge(cdr: Cdr) -> SafeString:
    """Ready, waiting for a person, or never sent because a person decided otherwise."""
    if cdr.ready_for_delivery:
        return badge(_("Ready"), "good")
    decided = [review for review in cdr.reviews.all() if not review.is_open]
    return badge(decided[0].get_decision_display(), "mute") if decided else badge(_("Needs review"), "warn")


def delivery_badges(deliveries: Sequence[CdrDelivery]) -> Any:
    """The state at each partner, each a link to the delivery."""
    if not deliveries:
        return NOTHING
    return badges([_delivery_badge(each) for each in deliveries])


def _delivery_badge(delivery: CdrDelivery) -> SafeString:
    word = badge(format_html("{}: {}", delivery.partner, delivery.word), delivery.tone)
    return link(delivery.url, word) if delivery.url else word


def _review(cdr: Cdr) -> dict[str, Any]:
    rows = [[(_("Why"), review_words(reason))] for reason in cdr.review_reasons]
    return {
        "title": _("What did not add up: unless a person lets it, it goes to no partner and on no invoice"),
        "columns": [_("Why")],
        "rows": rows,
        "empty": _("No reason was given."),
    }


def _decisions(cdr: Cdr, zone: str) -> dict[str, Any]:
    columns = [_("Review"), _("Decision"), _("Why"), _("When")]
    rows = [
        [
            (columns[0], link(object_url(review), review)),
            (columns[1], review.get_decision_display()),
            (columns[2], review.note or NOTHING),
            (columns[3], moment(review.decided_at, zone, seconds=True)),
        ]
        for review in cdr.reviews.all()
    ]
    return {"title": _("Decisions"), "columns": columns, "rows": rows}


def _lines(cdr: Cdr) -> dict[str, Any]:
    columns = [_("For"), _("Why this price"), _("VAT"), _("Without VAT"), _("With VAT")]
    words = cdr_conditions(cdr.tariff)
    rows = [
        [
            (columns[0], line_name(line)),
            (columns[1], line_reason(line, cdr.currency, words.get(line.get("element"), ""))),
            (columns[2], NOTHING if line["vat"] is None else f"{Decimal(line['vat']).normalize():f} %"),
            (columns[3], money_part(Decimal(line["excl_vat"]), cdr.currency)),
            (columns[4], money_part(Decimal(line["incl_vat"]), cdr.currency)),
        ]
        for line in cdr.lines
    ]
    totals = (money(cdr.total_cost_excl, cdr.currency), money(cdr.total_cost_incl, cdr.currency))
    rows.append([(columns[0], format_html("<b>{}</b>", _("Total"))), (columns[1], ""), (columns[2], "")])
    rows[-1] += [
        (columns[3], format_html("<b>{}</b>", totals[0])),
        (columns[4], format_html("<b>{}</b>", totals[1])),
    ]
    return {"title": _("Price"), "columns": columns, "rows": rows}


def _facts(cdr: Cdr, zone: str) -> dict[str, Any]:
    tariff = cdr.tariff_version.tariff if cdr.tariff_version else None
    facts = [
        (_("Session"), link(object_url(cdr.session), cdr.session)),
        (_("Started"), moment(cdr.started_at, zone, seconds=True)),
        (_("Ended"), moment(cdr.ended_at, zone, seconds=True)),
        (_("Energy"), kwh(cdr.energy_wh)),
        (_("Time"), span(timedelta(seconds=cdr.total_time_s))),
        (_("Of it parked"), span(timedelta(seconds=cdr.parking_time_s))),
        (_("Tariff"), link(object_url(tariff), tariff) if tariff else _("none was in force")),
        (_("Kind"), cdr.get_kind_display()),
        (_("Replaces"), link(object_url(cdr.replaces), cdr.replaces) if cdr.replaces else ""),
        (_("Signed by the meter"), _("yes, kept with it") if cdr.signed_data else _("no")),
        (_("Corrects"), link(object_url(cdr.credit_of), cdr.credit_of) if cdr.credit_of else ""),
        (_("Made"), moment(cdr.created_at, zone, seconds=True)),
        (_("CDR id"), code(cdr.cdr_id)),
    ]
    return {"title": _("What it is of"), "width": "em-w6", "facts": facts}


def _deliveries(cdr: Cdr) -> dict[str, Any]:
    columns = [_("Partner"), _("State")]
    rows = [
        [
            (columns[0], link(each.url, each.partner) if each.url else each.partner),
            (columns[1], badge(each.word, each.tone)),
        ]
        for each in ports.cdr_deliveries([cdr.pk]).get(cdr.pk, ())
    ]
    empty = _("It was given to no partner.")
    return {"title": _("At partners"), "width": "em-w6", "columns": columns, "rows": rows, "empty": empty}


def _periods(cdr: Cdr, zone: str) -> dict[str, Any]:
    columns = [_("From"), _("Until"), _("Energy"), _("Charging"), _("Parked"), _("Reserved")]
    rows = [
        [
            (columns[0], moment(datetime.fromisoformat(period["start_date_time"]), zone, seconds=True)),
            (columns[1], moment(datetime.fromisoformat(period["end_date_time"]), zone, seconds=True)),
            (columns[2], kwh(int(period["energy_wh"]))),
            (columns[3], quantity_words("TIME", Decimal(period["time_s"]))),
            (columns[4], quantity_words("PARKING_TIME", Decimal(period["parking_time_s"]))),
            (columns[5], quantity_words("TIME", Decimal(period.get("reservation_time_s", 0)))),
        ]
        for period in cdr.periods[:PERIODS]
    ]
    return {"title": _("Charging periods"), "columns": columns, "rows": rows}
