"""What the pages of charge points and sessions link of power and reservations."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from central.admin.cards import list_of, related
from central.models import Session
from emobility.lib.display import link

for label, table in {
    _("Charging needs"): "central_chargingneeds",
    _("Charging preferences"): "central_chargingpreference",
    _("Charging profiles"): "central_chargingprofile",
    _("Composite schedules"): "central_compositeschedule",
    _("External limits"): "central_charginglimit",
    _("Power signals"): "central_powersignal",
    _("Reports of profiles"): "central_profilereport",
    _("Reservations"): "central_reservation",
    _("Schedules of cars"): "central_evschedule",
}.items():
    related(label, table)


def session_power(session: Session) -> list[tuple[Any, Any]]:
    """Links of a session: its charging profiles, needs, and the reservation that it names. Cost nothing."""
    own = f"?session__id__exact={session.pk}"
    facts = [
        (label, link(reverse(f"admin:{table}_changelist") + own, _("show")))
        for label, table in (
            (_("Charging profiles"), "central_chargingprofile"),
            (_("Charging needs"), "central_chargingneeds"),
            (_("Charging preferences"), "central_chargingpreference"),
        )
    ]
    if session.reservation_id is not None:
        query = f"&number={session.reservation_id}"
        address = list_of("central_reservation", session.charge_point, query)
        facts.append((_("Reservation"), link(address, session.reservation_id)))
    return facts
