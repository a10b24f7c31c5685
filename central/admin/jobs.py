"""What the pages of jobs share: list columns, filters, and the story of how one went."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from central.admin.device_words import job_badge, reported_words
from central.admin.filters import CommandSiteFilter, PeriodFilter
from central.admin.words import command_badge
from central.models.job import OPEN_STATES, Job, JobState
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin

Facts = list[tuple[Any, Any]]


class JobStateFilter(ChoiceFilter):
    """By state; `open` is all that may still move."""

    title, parameter_name = _("state"), "state"
    options = (("open", _("open")), *JobState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows in that state."""
        if self.value() == "open":
            return queryset.filter(state__in=OPEN_STATES)
        return super().queryset(request, queryset)


class JobAdmin(HistoryStoryAdmin):
    """Jobs, newest first."""

    organization_column = False
    paginator = InfinitePaginator
    list_filter: Any = (JobStateFilter, PeriodFilter, CommandSiteFilter)
    list_select_related: Any = (
        "charge_point__site",
        "charge_point__organization",
        "command__requested_by",
    )
    search_fields: Any = ("charge_point__cp_id", "=request_id")
    ordering = ("-id",)
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")
    change_list_template = "admin/live_list.html"
    list_live_topics = "charge_points"
    with_history = True

    @display(description=_("ordered"), ordering="id")
    def ordered(self, job: Job) -> Any:
        """When it was ordered or first heard of."""
        return moment(job.created_at, zone_of(job.charge_point))

    @display(description=_("state"), ordering="state")
    def state_now(self, job: Job) -> Any:
        """The state with its age."""
        return job_badge(job, timezone.now())

    @display(description=_("reported"))
    def reported(self, job: Job) -> Any:
        """The last word of the charge point."""
        return reported_words(job.status)

    @display(description=_("by"))
    def by(self, job: Job) -> Any:
        """Who ordered it."""
        return ordered_by(job)

    def facts(self, obj: Any) -> Facts:
        """What was ordered."""
        raise NotImplementedError

    def more_cards(self, obj: Any) -> list[dict[str, Any]]:
        """Cards of the kind of job."""
        return []

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What was ordered, how it went, word by word."""
        now = timezone.now()
        topics = f"charge_point:{obj.charge_point_id}"
        return {
            "topics": f"{topics} command:{obj.command_id}" if obj.command_id else topics,
            "title": f"{obj} · {obj.charge_point}",
            "state_badge": job_badge(obj, now),
            "cards": [
                {
                    "key": "order",
                    "title": _("Order"),
                    "width": "em-w6",
                    "facts": [
                        (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
                        *self.facts(obj),
                    ],
                },
                {"key": "course", "title": _("Course"), "width": "em-w6", "facts": _course(obj, now)},
                *self.more_cards(obj),
                *([_history(obj)] if self.with_history else []),
            ],
        }


def ordered_by(job: Job) -> Any:
    """The person or the room that ordered it; what nobody ordered says so."""
    if job.unsolicited:
        return _("nobody here")
    return (job.command.requested_by or job.command.source) if job.command else ""


def _course(job: Any, now: datetime) -> Facts:
    zone = zone_of(job.charge_point)
    replaced = getattr(job, "replaced_by", None)
    facts: Facts = [
        (_("Ordered by"), ordered_by(job)),
        (_("Ordered"), moment(job.created_at, zone, seconds=True)),
        (_("Answer"), reported_words(job.answer)),
        (_("Last report"), reported_words(job.status)),
        (_("With it"), job.status_info),
        (_("Reported"), moment(job.status_at, zone, seconds=True)),
        (_("Finished"), moment(job.finished_at, zone, seconds=True)),
        (_("Request number"), NOTHING if job.request_id is None else str(job.request_id)),
    ]
    if replaced is not None:
        facts.append((_("Given up for"), link(object_url(replaced), replaced)))
    if job.command is not None:
        facts.append((_("Command"), link(object_url(job.command), command_badge(job.command, now))))
    return facts


def _history(job: Any) -> dict[str, Any]:
    zone = zone_of(job.charge_point)
    rows = [
        [
            (_("Time"), moment(datetime.fromisoformat(each["at"]), zone, seconds=True)),
            (_("Reported"), reported_words(each["status"])),
            (_("With it"), each.get("info", "")),
        ]
        for each in reversed(job.history)
    ]
    return {
        "key": "history",
        "title": _("What it reported"),
        "columns": [_("Time"), _("Reported"), _("With it")],
        "rows": rows,
        "empty": _("Nothing yet. Reports appear here as the charge point sends them."),
    }
