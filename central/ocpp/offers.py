"""What pages of orders offer instead of ids: running sessions, profiles there, open reservations."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _

from central.models import ChargingProfile, Evse, Reservation, Session
from central.models.charging_profile import Purpose
from central.models.session import SessionState
from central.services.charging_profiles import THERE
from central.services.reservations import OPEN
from registry.models import ChargePoint

MOST: Final = 50


def offer_sessions(form: forms.Form, charge_point: ChargePoint) -> None:
    """Let `session` be chosen among those that run."""
    running = Session.objects.filter(charge_point=charge_point, state=SessionState.ACTIVE)
    rows = running.order_by("evse_number")[:MOST]
    offer_choices(form, "session", ((str(row.uid), f"{row.evse_number} · {row.id_tag}") for row in rows))


def offer_evses(form: forms.Form, charge_point: ChargePoint) -> None:
    """Tell which EVSEs are known there; others may be written all the same."""
    rows = Evse.objects.filter(charge_point=charge_point, number__gt=0).order_by("number")
    known = ", ".join(str(number) for number in rows.values_list("number", flat=True)[:MOST])
    if known:
        field = form.fields["evse_number"]
        field.help_text = f"{field.help_text} {_('Known here')}: {known}."


def offer_profiles(form: forms.Form, charge_point: ChargePoint, **only: Any) -> None:
    """Let `profile` be chosen among those that the charge point has, or may have."""
    words = dict(Purpose.choices)
    rows = ChargingProfile.objects.filter(charge_point=charge_point, state__in=THERE, **only)
    names = ((str(row.pk), f"{row.number} · {words.get(row.purpose, row.purpose)}") for row in rows[:MOST])
    offer_choices(form, "profile", names)


def offer_reservations(form: forms.Form, charge_point: ChargePoint) -> None:
    """Let `reservation` be chosen among those that may hold a connector."""
    rows = Reservation.objects.filter(charge_point=charge_point, state__in=OPEN)
    offer_choices(form, "reservation", ((str(row.pk), f"{row.number} · {row.id_tag}") for row in rows[:MOST]))


def offer_choices(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Let a field be chosen among these, or left out where it may be."""
    field = form.fields[name]
    form.fields[name] = forms.ChoiceField(
        label=field.label,
        help_text=field.help_text,
        required=field.required,
        choices=[("", ""), *choices],
    )
