"""The page that answers which tariff applies at a place and time, for whom, and why."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from billing.admin.tariff_cards import COLUMNS, considered_rows
from billing.selectors.tariff_precedence import KINDS, Asked
from billing.selectors.tariff_questions import question_asked
from billing.selectors.tariffs_in_force import Considered, tariffs_considered, version_chosen
from billing.services.assignment_words import why_words
from billing.services.summaries import tariff_summary
from billing.services.tariffs import version_structure
from emobility.lib.display import NOTHING, link, moment
from emobility.lib.errors import Invalid
from registry.admin.actions import object_url
from registry.models import ChargePoint

KIND_WORDS = {
    "REGULAR": _("regular"),
    "AD_HOC_PAYMENT": _("paid at the place"),
    "PROFILE_CHEAP": _("preference: cheap"),
    "PROFILE_FAST": _("preference: fast"),
    "PROFILE_GREEN": _("preference: green"),
}


class WhichForm(forms.Form):
    """A place, a time, and for whom."""

    charge_point = forms.CharField(label=_("Charge point"), max_length=255, widget=UnfoldAdminTextInputWidget)
    evse = forms.IntegerField(
        label=_("EVSE"), required=False, min_value=0, max_value=10**6, widget=UnfoldAdminTextInputWidget
    )
    connector = forms.IntegerField(
        label=_("Connector"), required=False, min_value=0, max_value=10**6, widget=UnfoldAdminTextInputWidget
    )
    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text=_("In the charge point's time zone; empty means now."),
    )
    id_token = forms.CharField(
        label=_("Tag"), required=False, max_length=255, widget=UnfoldAdminTextInputWidget
    )
    group = forms.CharField(
        label=_("or group of tags (its id)"), required=False, max_length=36, widget=UnfoldAdminTextInputWidget
    )
    party = forms.CharField(
        label=_("or partner (like NL-TNM)"), required=False, max_length=8, widget=UnfoldAdminTextInputWidget
    )
    type = forms.ChoiceField(
        label=_("Session"),
        required=False,
        choices=[(kind, KIND_WORDS[kind]) for kind in KINDS],
        widget=UnfoldAdminSelectWidget,
    )


def which_page(request: HttpRequest, admin: Any) -> HttpResponse:
    """The question as a form, and below it the answer; a session's page links here with its uid."""
    session = _uuid(request.GET.get("session", ""))
    asked_of_place = "charge_point" in request.GET
    form = WhichForm(request.GET if asked_of_place else None)
    context: dict[str, Any] = {"form": form}
    if session or (asked_of_place and form.is_valid()):
        values = {"session": session} if session else dict(form.cleaned_data)
        try:
            context |= _answer(request, values)
        except Invalid as error:
            context["error"] = error
    return TemplateResponse(
        request,
        "billing/which_tariff.html",
        {
            **admin.admin_site.each_context(request),
            "title": _("Which tariff applies?"),
            "opts": admin.opts,
            **context,
        },
    )


def _answer(request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
    """What applies; raises Invalid with what is unknown."""
    if values.get("at"):
        values["at"] = values["at"].replace(tzinfo=ZoneInfo(_zone(request, values)))
    asked = question_asked(values, request.user, timezone.now())
    considered = tariffs_considered(asked)
    rows = considered_rows(considered)
    empty = _("No tariff was ever put in force around there.")
    return {
        "cards": [
            {"title": _("Answer"), "facts": _facts(asked, considered, _zone_of(asked.charge_point_id))},
            {"title": _("Considered, in this order"), "columns": COLUMNS, "rows": rows, "empty": empty},
        ]
    }


def _facts(asked: Asked, considered: list[Considered], zone: str) -> list[tuple[Any, Any]]:
    version = version_chosen(considered)
    return [
        (_("At"), moment(asked.at, zone)),
        (_("Tariff"), link(object_url(version.tariff), version.tariff) if version else NOTHING),
        (_("Charges"), tariff_summary(version_structure(version)) if version else NOTHING),
        (_("Because"), why_words(considered)),
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _zone(request: HttpRequest, values: dict[str, Any]) -> str:
    rows: Any = ChargePoint.objects.visible_to(request.user)
    point = rows.filter(cp_id=values.get("charge_point", "")).select_related("site", "organization").first()
    return (point.site or point.organization).time_zone if point is not None else "UTC"


def _zone_of(charge_point_id: int) -> str:
    point = ChargePoint.objects.select_related("site", "organization").get(pk=charge_point_id)
    return (point.site or point.organization).time_zone
