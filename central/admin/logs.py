"""Logs and diagnostics that charge points uploaded, or are asked to."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.cards import related
from central.admin.filters import CommandSiteFilter, PeriodFilter
from central.admin.jobs import Facts, JobAdmin, JobStateFilter
from central.api.log_file import log_file_answer
from central.models import LogJob, LogUpload
from central.models.log_job import LogKind
from central.selectors.overview import zone_of
from emobility.lib.display import code, keep, link, moment
from emobility.lib.errors import NotFound
from registry.admin.filters import ChoiceFilter

related(_("Logs and diagnostics"), "central_logjob")


class LogKindFilter(ChoiceFilter):
    """Which log."""

    title, parameter_name = _("log"), "kind"
    options = tuple(choice for choice in LogKind.choices if choice[0])


@admin.register(LogJob)
class LogJobAdmin(JobAdmin):
    """Uploads, newest first."""

    list_display = ("ordered", "charge_point", "log", "file", "state_now", "reported", "by")
    list_filter = (JobStateFilter, LogKindFilter, PeriodFilter, CommandSiteFilter)
    search_fields = ("charge_point__cp_id", "file_name", "location", "=request_id")
    empty_text = _("No log was asked for yet. Open a charge point and choose Get log or Get diagnostics.")

    @display(description=_("log"), ordering="kind")
    def log(self, job: LogJob) -> Any:
        """Which one."""
        return str(job.get_kind_display()).capitalize()

    @display(description=_("file"), ordering="file_name")
    def file(self, job: LogJob) -> Any:
        """As the charge point calls it."""
        return keep(job.file_name)

    def get_urls(self) -> list[Any]:
        """The file of a log that came to us."""
        view = self.admin_site.admin_view(self.file_view)
        return [path("<path:object_id>/file/", view, name="central_logjob_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str) -> Any:
        """The file as an attachment."""
        job = self.get_object(request, object_id)
        if job is None or not self.has_view_permission(request):
            raise Http404
        try:
            return log_file_answer(LogUpload.objects.get(job_id=job.pk), request)
        except (LogUpload.DoesNotExist, NotFound) as error:
            raise Http404 from error

    def more_cards(self, obj: LogJob) -> list[dict[str, Any]]:
        """The file, where it comes to us."""
        upload = LogUpload.objects.filter(job_id=obj.pk).first()
        return [] if upload is None else [_file_card(obj, upload)]

    def facts(self, obj: LogJob) -> Facts:
        """Which log, of which time, where it goes."""
        zone = zone_of(obj.charge_point)
        return [
            (_("Log"), self.log(obj)),
            (_("File"), code(obj.file_name) if obj.file_name else ""),
            (_("Address"), code(obj.location) if obj.location else ""),
            (_("From"), moment(obj.oldest_at, zone)),
            (_("Until"), moment(obj.latest_at, zone)),
            (_("Tries"), "" if obj.retries is None else str(obj.retries)),
            (_("Seconds between tries"), "" if obj.retry_interval is None else str(obj.retry_interval)),
        ]


def _file_card(job: LogJob, upload: LogUpload) -> dict[str, Any]:
    zone = zone_of(job.charge_point)
    where: Any = _("It has not come yet.")
    if upload.removed_at is not None:
        where = _("It was removed: its time was over.")
    elif upload.file:
        where = link(reverse("admin:central_logjob_file", args=[job.pk]), upload.name or _("Download"))
    facts = [
        (_("File"), where),
        (_("Size"), "" if upload.size is None else filesizeformat(upload.size)),
        (_("Checksum (SHA-256)"), code(upload.sha256) if upload.sha256 else ""),
        (_("Brought"), moment(upload.brought_at, zone, seconds=True)),
        (_("From"), upload.remote_address),
        (_("May be brought until"), moment(upload.expires_at, zone)),
    ]
    return {"key": "file", "title": _("File"), "width": "em-w6", "facts": facts}
