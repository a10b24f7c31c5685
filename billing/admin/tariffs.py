"""Tariffs: what they charge in words, where they apply, and how they came to be so."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.tariff_actions import ACTIONS, audit, current_structure
from billing.admin.tariff_forms import NewTariffForm
from billing.models import Tariff, TariffAssignment, TariffVersion
from billing.selectors.tariffs_in_force import valid_version
from billing.services.assignment_words import assignment_words, place_words, whom_words
from billing.services.summaries import element_words, one_element_words, tariff_summary
from billing.services.tariff_lint import tariff_lint
from billing.services.tariffs import tariff_create, version_structure
from emobility.lib.display import NOTHING, badge, code, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.making import Making, MakingAdmin
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

PLACES = 3


def _create(request: HttpRequest, form: NewTariffForm) -> Tariff:
    user: Any = request.user
    tariff = tariff_create(
        organization=form.cleaned_data.get("organization") or user.organization,
        tariff_id=form.cleaned_data["tariff_id"],
        name=form.cleaned_data["name"],
        now=timezone.now(),
        **form.structure(),
    )
    audit(request, tariff, "added")
    return tariff


@admin.register(Tariff)
class TariffAdmin(MakingAdmin, HistoryStoryAdmin):
    """Tariffs; a new version instead of a change."""

    object_actions = ACTIONS
    list_display = ("name", "currency", "summary", "in_use_by", "valid")
    list_filter = (OrganizationFilter,)
    list_select_related = ("organization",)
    search_fields = ("name", "tariff_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With versions and places, each read once for the whole page."""
        places = TariffAssignment.objects.with_names().order_by("-valid_from")
        versions = TariffVersion.objects.order_by("-number")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("assignments", queryset=places), Prefetch("versions", queryset=versions)
            )
        )

    making = Making(
        label=_("New tariff"),
        explain=_("It applies nowhere until it is put in force."),
        right=Right.MANAGE,
        refusal=_("Your role may not make tariffs."),
        form=NewTariffForm,
        run=_create,
    )

    @display(description=_("currency"))
    def currency(self, tariff: Tariff) -> str:
        """The currency of the present version."""
        structure = current_structure(tariff)
        return structure.currency if structure else NOTHING

    @display(description=_("what it charges"))
    def summary(self, tariff: Tariff) -> str:
        """The present version in words."""
        structure = current_structure(tariff)
        return tariff_summary(structure) if structure else NOTHING

    @display(description=_("in use by"))
    def in_use_by(self, tariff: Tariff) -> Any:
        """The places where it applies now."""
        now = timezone.now()
        places = [assignment_words(each) for each in tariff.assignments.all() if _valid(each, now)]
        if not places:
            return badge(_("Nowhere"), "mute")
        more = [_t("and {count} more").format(count=len(places) - PLACES)] if len(places) > PLACES else []
        return ", ".join(places[:PLACES] + more)

    @display(description=_("valid"))
    def valid(self, tariff: Tariff) -> Any:
        """Whether it charges now, since when or from when."""
        now = timezone.now()
        versions = list(tariff.versions.all())
        version = valid_version(versions, now)
        zone = tariff.organization.time_zone
        if version is not None:
            return format_html("{} {}", badge(_("Valid"), "good"), moment(version.valid_from, zone))
        future = [each for each in versions if each.valid_from > now]
        if future:
            start = min(each.valid_from for each in future)
            return format_html("{} {}", badge(_("Planned"), "info"), moment(start, zone))
        return badge(_("Over"), "mute")

    def story(self, request: HttpRequest, obj: Tariff) -> dict[str, Any]:
        """What it charges now, its versions, its places."""
        return {
            "title": obj.name,
            "state_badge": self.valid(obj),
            "summary": self.summary(obj),
            "cards": [*_lint(obj), _facts(obj), _places(obj), _elements(obj), _versions(obj)],
        }


def _valid(assignment: TariffAssignment, now: Any) -> bool:
    return assignment.valid_from <= now and (assignment.valid_until is None or now < assignment.valid_until)


def _facts(obj: Tariff) -> dict[str, Any]:
    facts = [
        (_("Name"), obj.name),
        (_("Id at partners"), code(obj.tariff_id)),
        (_("Organisation"), obj.organization),
        (_("Last change"), moment(obj.updated_at, obj.organization.time_zone)),
    ]
    return {"title": _("Tariff"), "width": "em-w6", "facts": facts}


def _lint(obj: Tariff) -> list[dict[str, Any]]:
    """What is odd about the present version; no card where there is nothing."""
    structure = current_structure(obj)
    columns = [_("Where"), _("What to look at")]
    rows = [
        [(columns[0], code(each.field)), (columns[1], each.text)]
        for each in (tariff_lint(structure) if structure else ())
    ]
    return [{"title": _("Is it meant so?"), "columns": columns, "rows": rows}] if rows else []


def _elements(obj: Tariff) -> dict[str, Any]:
    """The present version, element by element: the first that matches counts, for each kind of price."""
    structure = current_structure(obj)
    columns = [_("Element"), _("When"), _("Charges")]
    title = _("First that matches counts")
    if structure is None:
        return {"title": title, "columns": columns, "rows": []}
    rows = [
        [
            (columns[0], str(number)),
            (columns[1], element_words(structure, number) or _("always")),
            (columns[2], one_element_words(structure, number)),
        ]
        for number in range(len(structure.elements))
    ]
    return {"title": title, "columns": columns, "rows": rows}


def _versions(obj: Tariff) -> dict[str, Any]:
    zone = obj.organization.time_zone
    columns = [_("Version"), _("From"), _("Until"), _("Charges")]
    rows = [
        [
            (columns[0], version.number),
            (columns[1], moment(version.valid_from, zone)),
            (columns[2], moment(version.valid_until, zone)),
            (columns[3], tariff_summary(version_structure(version))),
        ]
        for version in obj.versions.all()
    ]
    return {"title": _("Versions"), "columns": columns, "rows": rows}


def _places(obj: Tariff) -> dict[str, Any]:
    zone = obj.organization.time_zone
    columns = [_("Where"), _("For whom"), _("From"), _("Until")]
    rows = [
        [
            (columns[0], link(object_url(each), place_words(each))),
            (columns[1], whom_words(each)),
            (columns[2], moment(each.valid_from, zone)),
            (columns[3], moment(each.valid_until, zone)),
        ]
        for each in obj.assignments.all()
    ]
    empty = _("It applies nowhere yet: put it in force.")
    return {"title": _("In force"), "width": "em-w6", "columns": columns, "rows": rows, "empty": empty}
