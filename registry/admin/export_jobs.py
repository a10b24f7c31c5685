"""Exports in the background: how far each is, and the file while it is kept."""

from datetime import datetime
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, code, moment
from emobility.lib.errors import Forbidden, NotFound
from registry.admin.actions import ObjectAction
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.api.export_tables import TABLES
from registry.api.exports import fetch_export
from registry.models import ExportJob
from registry.models.export_job import OPEN, ExportState
from registry.rights import Right
from registry.services.export_jobs import export_job_cancel

TONES: Final = {
    ExportState.QUEUED: "info",
    ExportState.RUNNING: "busy",
    ExportState.DONE: "good",
    ExportState.FAILED: "bad",
    ExportState.CANCELLED: "mute",
    ExportState.EXPIRED: "mute",
}


def _cancel(request: HttpRequest, obj: ExportJob, values: dict[str, Any]) -> str:
    export_job_cancel(job=obj, actor=request.user, now=timezone.now())
    return _t("The export was cancelled.")


class StateFilter(ChoiceFilter):
    """By state."""

    title, parameter_name = _("state"), "state"
    options = ExportState.choices


@admin.register(ExportJob)
class ExportJobAdmin(HistoryStoryAdmin):
    """Exports, newest first: one's own, for admins those of the organisation."""

    story_template = "admin/export_job.html"
    paginator = InfinitePaginator
    list_display = ("ordered", "what", "state_now", "count", "volume", "actor", "kept")
    list_filter = (StateFilter,)
    list_select_related = ("organization",)
    search_fields = ("table", "actor")
    ordering = ("-id",)
    empty_text = _("Open a list, such as Sessions, set its filters, and choose Export.")
    object_actions = (
        ObjectAction(
            slug="cancel",
            label=_("Cancel"),
            explain=_("Ends the export; what was written so far is removed."),
            right=Right.SEE,
            run=_cancel,
            hindrance=lambda obj: "" if obj.state in OPEN else _t("It is over already."),
            icon="close",
        ),
    )

    def get_urls(self) -> list[Any]:
        """The file of an export."""
        view = self.admin_site.admin_view(self.file_view)
        return [path("<path:object_id>/file/", view, name="registry_exportjob_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str) -> Any:
        """The file, for those who see the export, until its time is over."""
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        try:
            return fetch_export(job, request)
        except NotFound as error:
            raise Http404(error.message) from error
        except Forbidden as error:
            raise PermissionDenied(error.message) from error

    @display(description=_("ordered"), ordering="id")
    def ordered(self, job: ExportJob) -> Any:
        """When."""
        return moment(job.created_at, _zone(job))

    @display(description=_("what"))
    def what(self, job: ExportJob) -> Any:
        """The table and the format."""
        return _what(job)

    @display(description=_("state"), ordering="state")
    def state_now(self, job: ExportJob) -> Any:
        """With its age."""
        return _state(job, timezone.now())

    @display(description=_("rows"))
    def count(self, job: ExportJob) -> str:
        """So far."""
        return f"{job.rows:,}"

    @display(description=_("size"))
    def volume(self, job: ExportJob) -> str:
        """Of the file."""
        return "" if job.size is None else filesizeformat(job.size)

    @display(description=_("kept until"))
    def kept(self, job: ExportJob) -> Any:
        """Then the file is removed."""
        return moment(job.expires_at, _zone(job))

    def story(self, request: HttpRequest, obj: ExportJob) -> dict[str, Any]:
        """What, how far, until when."""
        zone, done = _zone(obj), obj.state == ExportState.DONE
        rows = f"{obj.rows:,}" if obj.expected is None else f"{obj.rows:,} / {obj.expected:,}"
        wish = [
            (_("What"), _what(obj)),
            (_("Filter"), code(obj.query) if obj.query else _("none: all rows")),
            (_("Ordered by"), obj.actor),
            (_("Ordered"), moment(obj.created_at, zone, seconds=True)),
        ]
        course = [
            (_("Rows"), rows),
            (_("Size"), self.volume(obj)),
            (_("Started"), moment(obj.started_at, zone, seconds=True)),
            (_("Finished"), moment(obj.finished_at, zone, seconds=True)),
            (_("Kept until"), moment(obj.expires_at, zone)),
            (_("Why"), obj.error),
        ]
        return {
            "title": _what(obj),
            "state_badge": _state(obj, timezone.now()),
            "polling": obj.state in OPEN,
            "file_url": reverse("admin:registry_exportjob_file", args=[obj.pk]) if done else "",
            "cards": [
                {"key": "wish", "title": _("Export"), "width": "em-w6", "facts": wish},
                {"key": "course", "title": _("Course"), "width": "em-w6", "facts": course},
            ],
        }


def _what(job: ExportJob) -> str:
    table = TABLES.get(job.table)
    return f"{table.title if table else job.table}, {job.get_form_display()}"


def _zone(job: ExportJob) -> str:
    return job.organization.time_zone if job.organization else "UTC"


def _state(job: ExportJob, now: datetime) -> Any:
    return badge(
        job.get_state_display(), TONES[ExportState(job.state)], job.finished_at or job.created_at, now
    )
