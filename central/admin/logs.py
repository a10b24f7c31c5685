"""Logs and diagnostics that charge points uploaded, or are asked to."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.cards import related
from central.admin.filters import CommandSiteFilter, PeriodFilter
from central.admin.jobs import Facts, JobAdmin, JobStateFilter
from central.models import LogJob
from central.models.log_job import LogKind
from central.selectors.overview import zone_of
from emobility.lib.display import code, keep, moment
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
