"""The page that tries a tariff on a session: the power curve, the periods, and why this price."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.models import Tariff, TariffVersion
from billing.selectors.tariffs_in_force import valid_version
from billing.services.pricing import PricedLine, line_why
from billing.services.rating_state import Period
from billing.services.summaries import line_name, quantity_words, tariff_summary
from billing.services.tariff_trials import Sketch, Trial, session_trial, sketch_trial
from central.models import Session
from central.models.session import SessionState
from central.pages.curve import curve_svg
from emobility.lib.display import kwh, moment, money, money_part
from emobility.lib.errors import Invalid
from registry.admin.base import visible

SUGGESTED = 30
LONGEST_MINUTES = 7 * 24 * 60
LARGEST_KWH = 1000


class TrialForm(forms.Form):
    """A session of the past, or a sketch of one."""

    def __init__(self, data: Any, request: HttpRequest, tariff: Tariff) -> None:
        super().__init__(data)
        self.zone = tariff.organization.time_zone
        own = Session.objects.filter(organization=tariff.organization_id, state=SessionState.ENDED)
        self.sessions = visible(own.select_related("site", "organization", "charge_point"), request.user)
        self.tags = [
            (str(each.uid), f"{each.charge_point} · {kwh(each.energy_wh)}")
            for each in self.sessions.order_by("-ended_at", "-pk")[:SUGGESTED]
        ]
        self.fields = _trial_fields(self.zone)

    def clean_session(self) -> Session | None:
        """The session, among those that the person may see."""
        text = self.cleaned_data["session"].strip()
        if not text:
            return None
        try:
            found: Session | None = self.sessions.filter(uid=UUID(text)).first()
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(_t("There is no such session, or it runs still."))
        return found

    def clean_start(self) -> datetime | None:
        """The moment, in the organisation's zone."""
        value: datetime | None = self.cleaned_data["start"]
        return value.replace(tzinfo=ZoneInfo(self.zone)) if value is not None else None


def _trial_fields(zone: str) -> dict[str, forms.Field]:
    return {
        "session": forms.CharField(
            label=_("Past session"),
            required=False,
            widget=UnfoldAdminTextInputWidget(attrs={"list": "em-tags"}),
            help_text=_("Its id; the latest are suggested. Empty: the sketch below."),
        ),
        "start": forms.DateTimeField(
            label=_("Starts"),
            required=False,
            widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
            help_text=_("Time zone {zone}; empty means now.").format(zone=zone),
        ),
        "reserved": _minutes(_("Reserved before (min)"), 0),
        "charging": _minutes(_("Charging (min)"), 60),
        "energy": forms.DecimalField(
            label=_("Energy (kWh)"),
            required=False,
            initial=11,
            min_value=0,
            max_value=LARGEST_KWH,
            decimal_places=3,
            widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        ),
        "parked": _minutes(_("Parked afterwards (min)"), 0),
    }


def _minutes(label: Any, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        initial=initial,
        min_value=0,
        max_value=LONGEST_MINUTES,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )


def trial_page(request: HttpRequest, obj: Tariff, values: dict[str, Any], site: Any) -> HttpResponse:
    """Try the present version, or the first one to come, and tell what comes of it."""
    versions: list[TariffVersion] = list(obj.versions.all())
    version = valid_version(versions, timezone.now()) or (versions[-1] if versions else None)
    if version is None:
        raise Invalid(_t("This tariff has no version."))
    if values["session"] is not None:
        trial = session_trial(version=version, session=values["session"])
    else:
        trial = sketch_trial(version=version, sketch=_sketch(values), zone=obj.organization.time_zone)
    context = {
        **site.each_context(request),
        "opts": Tariff._meta,  # noqa: SLF001 -- Django's documented name
        "original": obj,
        "title": _t("What {tariff} costs").format(tariff=obj),
        **trial_story(trial),
    }
    return TemplateResponse(request, "billing/tariff_trial.html", context)


def trial_story(trial: Trial) -> dict[str, Any]:
    """Everything that the page tells."""
    rating = trial.priced.rating
    return {
        "summary": tariff_summary(trial.priced.tariff),
        "total": money(rating.total_incl, rating.currency),
        "total_excl": money(rating.total_excl, rating.currency),
        "curve": curve_svg(trial.points, trial.zone),
        "cards": [_lines(trial), _periods(trial)],
    }


def _sketch(values: dict[str, Any]) -> Sketch:
    return Sketch(
        values["start"] or timezone.now(),
        values["charging"] or 0,
        int((values["energy"] or 0) * 1000),
        values["parked"] or 0,
        values["reserved"] or 0,
    )


def _lines(trial: Trial) -> dict[str, Any]:
    columns = [_("From"), _("Until"), _("For"), _("Why this price"), _("Without VAT"), _("With VAT")]
    rows = [_line(trial, each, columns) for each in trial.priced.lines]
    rating = trial.priced.rating
    total = [
        (columns[0], ""),
        (columns[1], ""),
        (columns[2], format_html("<b>{}</b>", _("Total"))),
        (columns[3], ""),
        (columns[4], format_html("<b>{}</b>", money(rating.total_excl, rating.currency))),
        (columns[5], format_html("<b>{}</b>", money(rating.total_incl, rating.currency))),
    ]
    return {"title": _("Why this price"), "columns": columns, "rows": [*rows, total]}


def _line(trial: Trial, each: PricedLine, columns: list[Any]) -> list[tuple[Any, Any]]:
    line, currency = each.line, trial.priced.rating.currency
    period = trial.priced.pieces[each.piece].period if each.piece is not None else None
    return [
        (columns[0], moment(period.start, trial.zone) if period else ""),
        (columns[1], moment(period.end, trial.zone) if period else ""),
        (columns[2], line_name(line.as_json())),
        (columns[3], line_why(trial.priced.tariff, line)),
        (columns[4], money_part(line.excl, currency)),
        (columns[5], money_part(line.incl, currency)),
    ]


def _periods(trial: Trial) -> dict[str, Any]:
    columns = [_("From"), _("Until"), _("Energy"), _("Reserved"), _("Charging"), _("Parked")]
    rows = [_period(piece.period, trial.zone, columns) for piece in trial.priced.pieces]
    return {"title": _("Charging periods"), "columns": columns, "rows": rows}


def _duration(seconds: Decimal) -> str:
    return quantity_words("TIME", seconds) if seconds else ""


def _period(period: Period, zone: str, columns: list[Any]) -> list[tuple[Any, Any]]:
    return [
        (columns[0], moment(period.start, zone, seconds=True)),
        (columns[1], moment(period.end, zone, seconds=True)),
        (columns[2], kwh(int(period.energy_wh))),
        (columns[3], _duration(period.reservation_s)),
        (columns[4], _duration(period.time_s)),
        (columns[5], _duration(period.parking_time_s)),
    ]
