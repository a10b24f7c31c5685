"""Where and for whom a tariff applies, and why this one and no other, in plain words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import TariffAssignment
from billing.selectors.tariff_precedence import Verdict
from billing.selectors.tariffs_in_force import Considered

VERDICTS = {
    Verdict.APPLIES: gettext_lazy("applies"),
    Verdict.GIVES_WAY: gettext_lazy("gives way: the other one is for fewer tags, nearer, or newer"),
    Verdict.NOT_YET: gettext_lazy("began later"),
    Verdict.OVER: gettext_lazy("had ended"),
    Verdict.OTHER_PLACE: gettext_lazy("for another connector"),
    Verdict.OTHER_TOKENS: gettext_lazy("for other tags"),
    Verdict.NO_VERSION: gettext_lazy("the tariff has no version valid then"),
    Verdict.OTHER_TYPE: gettext_lazy("for sessions of another type"),
}


def place_words(row: TariffAssignment) -> str:
    """Where an assignment puts its tariff in force (with names at hand)."""
    if row.connector is not None:
        plug = row.connector
        text = _("connector {place}")
        return text.format(place=f"{plug.charge_point.cp_id}/{plug.evse.number}/{plug.number}")
    if row.charge_point is not None:
        return _("charge point {name}").format(name=row.charge_point)
    if row.site is not None:
        return _("site {name}").format(name=row.site)
    return _("all of {name}").format(name=row.organization)


def whom_words(row: TariffAssignment) -> str:
    """For whom it does."""
    if row.token_group is not None:
        return _("tags of the group {name}").format(name=row.token_group)
    if row.party is not None:
        return _("tags of the partner {name}").format(name=row.party.name or row.party)
    return _("everybody")


def assignment_words(row: TariffAssignment) -> str:
    """Where and for whom, in one line."""
    if row.token_group is None and row.party is None:
        return place_words(row)
    return f"{place_words(row)}, {whom_words(row)}"


def verdict_words(verdict: Verdict) -> str:
    """What becomes of an assignment."""
    return str(VERDICTS[verdict])


def why_words(considered: Sequence[Considered]) -> str:
    """Why the first one applies: what put it in force, and what it goes before."""
    if not considered or considered[0].verdict is not Verdict.APPLIES:
        return _("No tariff is in force there and then; such a session waits for a person.")
    words = assignment_words(considered[0].assignment)
    after = [assignment_words(each.assignment) for each in considered if each.verdict is Verdict.GIVES_WAY]
    if not after:
        return _("In force for {words}.").format(words=words)
    return _("In force for {words}; that goes before {others}.").format(
        words=words, others=", ".join(dict.fromkeys(after))
    )
