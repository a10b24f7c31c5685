"""Where tariffs apply: each assignment with its place, its audience and its time."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.assignment_forms import NewAssignmentForm
from billing.admin.tariff_actions import audit
from billing.admin.which_tariff import which_page
from billing.models import TariffAssignment
from billing.services.assignment_words import place_words, whom_words
from billing.services.tariffs import tariff_assign, tariff_assignment_end
from emobility.lib.display import NOTHING, badge, link, moment
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.making import Making, MakingAdmin
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right


def _create(request: HttpRequest, form: NewAssignmentForm) -> TariffAssignment:
    values = dict(form.cleaned_data)
    tariff = values.pop("tariff")
    made = tariff_assign(organization=tariff.organization, tariff=tariff, now=timezone.now(), **values)
    audit(request, tariff, "assigned", place=place_words(made), whom=whom_words(made))
    return made


def _end(request: HttpRequest, obj: TariffAssignment, values: dict[str, Any]) -> Outcome:
    tariff_assignment_end(assignment=obj, now=timezone.now())
    audit(request, obj.tariff, "assignment_ended", place=place_words(obj), whom=whom_words(obj))
    return _t("It has ended. Sessions that run keep their tariff.")


def _is_over(obj: TariffAssignment) -> bool:
    return obj.valid_until is not None and obj.valid_until <= timezone.now()


class StateFilter(ChoiceFilter):
    """In force, planned or over."""

    title, parameter_name = _("state"), "state"
    options = (("now", _("in force")), ("planned", _("planned")), ("over", _("over")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Only those."""
        now = timezone.now()
        conditions = {
            "now": Q(valid_from__lte=now) & (Q(valid_until=None) | Q(valid_until__gt=now)),
            "planned": Q(valid_from__gt=now),
            "over": Q(valid_until__lte=now),
        }
        condition = conditions.get(str(self.value()))
        return queryset.filter(condition) if condition is not None else queryset


@admin.register(TariffAssignment)
class TariffAssignmentAdmin(MakingAdmin, HistoryStoryAdmin):
    """Assignments, the newest first; ended instead of changed."""

    object_actions = (
        ObjectAction(
            slug="end",
            label=_("End it"),
            explain=_("New sessions there are priced by the next wider tariff, or wait for a person."),
            right=Right.MANAGE,
            run=_end,
            hindrance=lambda obj: _t("It is over.") if _is_over(obj) else "",
            ask=True,
            danger=True,
            icon="block",
        ),
    )
    list_display = ("tariff", "where", "whom", "valid_since", "valid_to", "state")
    list_filter = (StateFilter, OrganizationFilter)
    search_fields = (
        "tariff__name",
        "tariff__tariff_id",
        "site__name",
        "charge_point__cp_id",
        "connector__charge_point__cp_id",
        "token_group__name",
        "token_group__uid",
        "party__name",
    )
    ordering = ("-valid_from", "-pk")
    empty_text = _("No tariff is in force anywhere. Make a tariff, then put it in force.")
    empty_link = reverse_lazy("admin:billing_tariff_changelist")
    making = Making(
        label=_("Put a tariff in force"),
        explain=_(
            "A group's tariff goes before a partner's, that before everybody's; then the connector's before"
            " the charge point's, the site's and the organisation's."
        ),
        right=Right.MANAGE,
        refusal=_("Your role may not put tariffs in force."),
        form=NewAssignmentForm,
        run=_create,
    )

    def get_urls(self) -> list[Any]:
        """With the page that says which tariff applies."""
        view = self.admin_site.admin_view(self.which_view)
        return [path("which/", view, name="billing_tariffassignment_which"), *super().get_urls()]

    def which_view(self, request: HttpRequest) -> HttpResponse:
        """Which tariff applies, and why."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return which_page(request, self)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what words need."""
        rows: Any = super().get_queryset(request)
        with_names: QuerySet[Any] = rows.with_names()
        return with_names

    @display(description=_("where"))
    def where(self, row: TariffAssignment) -> str:
        """Its place."""
        return place_words(row)

    @display(description=_("for whom"))
    def whom(self, row: TariffAssignment) -> str:
        """Its audience."""
        return whom_words(row)

    @display(description=_("from"), ordering="valid_from")
    def valid_since(self, row: TariffAssignment) -> Any:
        """When it begins."""
        return moment(row.valid_from, row.organization.time_zone)

    @display(description=_("until"), ordering="valid_until")
    def valid_to(self, row: TariffAssignment) -> Any:
        """When it ends."""
        return moment(row.valid_until, row.organization.time_zone) if row.valid_until else NOTHING

    @display(description=_("state"))
    def state(self, row: TariffAssignment) -> Any:
        """In force, planned or over."""
        if _is_over(row):
            return badge(_("Over"), "mute")
        return (
            badge(_("Planned"), "info") if row.valid_from > timezone.now() else badge(_("In force"), "good")
        )

    def story(self, request: HttpRequest, obj: TariffAssignment) -> dict[str, Any]:
        """What applies where, for whom, and since when."""
        zone = obj.organization.time_zone
        facts = [
            (_("Tariff"), link(object_url(obj.tariff), obj.tariff)),
            (_("Where"), place_words(obj)),
            (_("For whom"), whom_words(obj)),
            (_("From"), moment(obj.valid_from, zone)),
            (_("Until"), self.valid_to(obj)),
            (_("Made"), moment(obj.created_at, zone)),
        ]
        return {
            "title": f"{obj.tariff}: {place_words(obj)}",
            "state_badge": self.state(obj),
            "cards": [{"title": _("In force"), "facts": facts}],
        }
