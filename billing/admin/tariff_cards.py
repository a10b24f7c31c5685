"""Cards that tell on the pages of central which tariff applies, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.selectors.session_ratings import session_rating
from billing.selectors.tariff_precedence import Asked, Verdict
from billing.selectors.tariffs_in_force import Considered, tariffs_considered
from billing.services.assignment_words import assignment_words, verdict_words, why_words
from billing.services.summaries import tariff_summary
from billing.services.tariffs import version_structure
from central.admin.cards import card, session_card
from emobility.lib.display import NOTHING, link
from registry.admin.actions import object_url
from registry.rights import Right

ROWS = 8
COLUMNS = (_("Tariff"), _("In force for"), _("Counts"))
SHOWN = {Verdict.APPLIES, Verdict.GIVES_WAY, Verdict.OTHER_TOKENS, Verdict.OTHER_PLACE, Verdict.NOT_YET}


@card(Right.SEE)
def charge_point_tariffs(charge_point: Any, now: datetime) -> dict[str, Any]:
    """What a session that begins now is priced by: for everybody, for some tags, at some connectors."""
    asked = Asked(charge_point.organization_id, now, charge_point.pk, site_id=charge_point.site_id)
    considered = [each for each in tariffs_considered(asked) if each.verdict in SHOWN]
    return {
        "key": "tariffs",
        "title": _("Tariff now"),
        "body": why_words(considered),
        "columns": COLUMNS,
        "rows": considered_rows(considered[:ROWS]),
        "more": f"{reverse('admin:billing_tariffassignment_which')}?charge_point={charge_point.cp_id}",
        "more_text": _("For whom and when"),
    }


@session_card(Right.SEE)
def session_tariff(session: Any, now: datetime) -> dict[str, Any]:
    """The tariff that a session is priced by, and what put it in force; one statement."""
    row = session_rating(session)
    kept = row.tariff_version if row is not None else None
    if row is None or kept is None:
        facts: list[tuple[Any, Any]] = [(_("Tariff"), _("none was in force where and when it began"))]
    else:
        facts = [
            (_("Tariff"), link(object_url(kept.tariff), kept.tariff)),
            (_("Version"), kept.number),
            (_("Charges"), tariff_summary(version_structure(kept))),
            (_("In force for"), assignment_words(row.assignment) if row.assignment else NOTHING),
        ]
    return {
        "key": "tariff",
        "title": _("Tariff"),
        "facts": facts,
        "more": f"{reverse('admin:billing_tariffassignment_which')}?session={session.uid}",
        "more_text": _("Why this one"),
    }


def considered_rows(considered: Sequence[Considered]) -> list[list[tuple[Any, Any]]]:
    """A row for each assignment: its tariff, where and for whom, and what becomes of it."""
    return [
        [
            (COLUMNS[0], link(object_url(each.assignment.tariff), each.assignment.tariff)),
            (COLUMNS[1], link(object_url(each.assignment), assignment_words(each.assignment))),
            (COLUMNS[2], verdict_words(each.verdict)),
        ]
        for each in considered
    ]
