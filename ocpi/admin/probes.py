"""Checks of partners: what was found, in words, the bad first."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import badge, link, moment
from ocpi.models import Partner, Probe
from ocpi.models.partner import PartnerStatus
from ocpi.models.probe import ProbeState
from ocpi.services.probes import probe_ask
from ocpi.tasks import poke_check
from registry.admin.actions import ObjectAction, object_url
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

TONES = {"good": "good", "odd": "warn", "bad": "bad"}
OUTCOMES = {"good": _("Good"), "odd": _("Odd"), "bad": _("Bad")}
ORDER = ("bad", "odd", "good")
AGAIN_SECONDS = 2


def probe_badge(probe: Probe) -> SafeString:
    """The worst that was found, or how far the check is."""
    if probe.state != ProbeState.DONE:
        return badge(probe.get_state_display().capitalize(), "info")
    worst = "bad" if probe.bad else "odd" if probe.odd else "good"
    words = {"bad": _("{n} bad").format(n=probe.bad), "odd": _("{n} odd").format(n=probe.odd)}
    return badge(words.get(worst, _("All good")), TONES[worst], probe.done_at, timezone.now())


def findings_card(probe: Probe, width: str = "") -> dict[str, Any]:
    """What was found, the bad first."""
    found = sorted(probe.findings, key=lambda each: ORDER.index(each["outcome"]))
    rows = [
        [
            (_("Result"), badge(OUTCOMES[each["outcome"]], TONES[each["outcome"]])),
            (_("About"), each["about"]),
            (_("Finding"), each["says"]),
        ]
        for each in found
    ]
    return {
        "key": "findings",
        "title": _("Check"),
        "state": probe_badge(probe),
        "width": width,
        "columns": [_("Result"), _("About"), _("Finding")],
        "rows": rows,
        "empty": _("Nothing was found yet."),
        "more": object_url(probe),
        "more_text": _("This check"),
    }


def _check(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> Any:
    user: Any = request.user
    probe_ask(partner=obj, made_by=user, now=timezone.now())
    poke_check()
    return _t("The partner is being checked; the result appears below.")


CHECK = ObjectAction(
    slug="check",
    label=_("Check this partner"),
    explain=_("Reads its versions, endpoints and lists in its roles, and compares them with the rules."),
    right=Right.MANAGE,
    run=_check,
    hindrance=lambda obj: _t("It is not registered.") if obj.status == PartnerStatus.INACTIVE else "",
    icon="fact_check",
)


@admin.register(Probe)
class ProbeAdmin(HistoryStoryAdmin):
    """Checks, newest first."""

    list_display = ("asked", "partner", "state_now", "good", "odd", "bad", "made_by")
    list_select_related = ("partner__organization", "made_by")
    search_fields = ("partner__country_code", "partner__party_id", "partner__name")
    empty_text = _("A check is asked for on a partner's page.")

    @display(description=_("asked for"), ordering="id")
    def asked(self, probe: Probe) -> Any:
        """When."""
        return moment(probe.created_at, probe.partner.organization.time_zone, seconds=True)

    @display(description=_("state"))
    def state_now(self, probe: Probe) -> SafeString:
        """The worst that was found."""
        return probe_badge(probe)

    def story(self, request: HttpRequest, obj: Probe) -> dict[str, Any]:
        """The findings, and the way to the messages."""
        zone = obj.partner.organization.time_zone
        messages = f"{reverse('admin:ocpi_exchange_changelist')}?q={obj.correlation_id}"
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Asked for"), moment(obj.created_at, zone, seconds=True)),
            (_("By"), obj.made_by or ""),
            (_("Done"), moment(obj.done_at, zone, seconds=True)),
            (_("Messages"), link(messages, _("requests and answers")) if obj.correlation_id else ""),
        ]
        return {
            "state_badge": probe_badge(obj),
            "summary": again(obj),
            "cards": [findings_card(obj), {"key": "facts", "title": _("Check"), "facts": facts}],
        }


def again(probe: Probe | None) -> SafeString | str:
    """While a check runs the page is asked for again after a moment."""
    if probe is None or probe.state == ProbeState.DONE:
        return ""
    return format_html(
        '<meta http-equiv="refresh" content="{}">{}', AGAIN_SECONDS, _("The check is running.")
    )
