"""Firmware: updates and publications, and whether a boot has confirmed them."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.cards import related
from central.admin.filters import CommandSiteFilter, PeriodFilter
from central.admin.jobs import Facts, JobAdmin, JobStateFilter
from central.models import FirmwareJob
from central.models.firmware_job import FirmwareKind
from central.selectors.overview import zone_of
from emobility.lib.display import badge, code, keep, moment
from registry.admin.filters import ChoiceFilter

related(_("Firmware"), "central_firmwarejob")


class FirmwareKindFilter(ChoiceFilter):
    """Updates or publications."""

    title, parameter_name = _("kind"), "kind"
    options = FirmwareKind.choices


class ConfirmedFilter(ChoiceFilter):
    """Whether a boot told the new version."""

    title, parameter_name = _("confirmed"), "confirmed"
    options = (("1", _("by a boot")), ("0", _("not yet")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Rows of the chosen kind."""
        value = self.value()
        return queryset.filter(confirmed_at__isnull=value == "0") if value else queryset


@admin.register(FirmwareJob)
class FirmwareJobAdmin(JobAdmin):
    """Firmware jobs, newest first."""

    list_display = ("ordered", "charge_point", "what", "state_now", "reported", "versions", "by")
    list_filter = (JobStateFilter, FirmwareKindFilter, ConfirmedFilter, PeriodFilter, CommandSiteFilter)
    search_fields = ("charge_point__cp_id", "location", "checksum", "version_after", "=request_id")
    empty_text = _("No firmware was ordered yet. Open a charge point and choose Update firmware.")

    @display(description=_("firmware"))
    def what(self, job: FirmwareJob) -> Any:
        """The file, or what was heard of."""
        return keep(str(job))

    @display(description=_("version"))
    def versions(self, job: FirmwareJob) -> Any:
        """From which to which."""
        return _versions(job)

    def facts(self, obj: FirmwareJob) -> Facts:
        """The file, when, how it is proved."""
        zone = zone_of(obj.charge_point)
        return [
            (_("Kind"), obj.get_kind_display()),
            (_("Address"), code(obj.location) if obj.location else ""),
            (_("Signed"), _("yes") if obj.signed else _("no")),
            (_("Fetch from"), moment(obj.retrieve_at, zone)),
            (_("Install from"), moment(obj.install_at, zone)),
            (_("Tries"), "" if obj.retries is None else str(obj.retries)),
            (_("Seconds between tries"), "" if obj.retry_interval is None else str(obj.retry_interval)),
            *([(_("Checksum (MD5)"), code(obj.checksum))] if obj.checksum else []),
        ]

    def more_cards(self, obj: FirmwareJob) -> list[dict[str, Any]]:
        """The versions of an update, the addresses of a publication."""
        if obj.kind == FirmwareKind.PUBLISH:
            places = [(number + 1, code(place)) for number, place in enumerate(obj.published)]
            empty = _("A local controller tells the addresses when it has published the file.")
            return [{"key": "places", "title": _("Published at"), "facts": places, "empty": empty}]
        facts = [
            (_("Before"), obj.version_before),
            (_("Expected"), obj.version_expected),
            (_("Told by the last boot"), obj.version_after),
            (_("Confirmed by a boot"), moment(obj.confirmed_at, zone_of(obj.charge_point), seconds=True)),
        ]
        return [{"key": "versions", "title": _("Version"), "facts": facts}]


def _versions(job: FirmwareJob) -> Any:
    if job.confirmed_at:
        return badge(job.version_after, "good")
    if job.version_after:
        return badge(_("still {version}").format(version=job.version_after), "warn")
    return job.version_before
