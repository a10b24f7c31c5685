"""Histories of security: plug and charge requests, responders' answers, passwords and profiles changed."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.history import PlacedHistoryAdmin
from central.admin.words import command_link
from central.models import CertificateStatus, PasswordRotation, PlugAndChargeRequest, SecurityUpgrade
from central.models.certificate_status import StatusWord
from central.models.security_change import RotationState, UpgradeState
from central.selectors.overview import zone_of
from central.services.password_rotations import rotation_give_up
from central.services.security_upgrades import OPEN, upgrade_cancel
from emobility.lib.display import badge, code, keep, link, moment, pretty
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

STATUS_TONES: Final = {
    StatusWord.GOOD: "good",
    StatusWord.REVOKED: "bad",
    StatusWord.UNKNOWN: "warn",
    StatusWord.FAILED: "warn",
}
ROTATION_TONES: Final = {
    RotationState.QUEUED: "info",
    RotationState.OPEN: "busy",
    RotationState.ACCEPTED: "good",
    RotationState.PROVED: "good",
    RotationState.KEPT_OLD: "warn",
    RotationState.DROPPED: "mute",
}
UPGRADE_TONES: Final = {
    UpgradeState.ASKED: "info",
    UpgradeState.STORED: "busy",
    UpgradeState.CHOSEN: "busy",
    UpgradeState.DONE: "good",
    UpgradeState.REFUSED: "bad",
    UpgradeState.CANCELLED: "mute",
}


def _give_up(request: HttpRequest, obj: PasswordRotation, values: dict[str, Any]) -> str:
    user: Any = request.user
    rotation_give_up(rotation=obj, actor=user, now=timezone.now())
    return _t("The old password stays.")


def _cancel(request: HttpRequest, obj: SecurityUpgrade, values: dict[str, Any]) -> str:
    user: Any = request.user
    upgrade_cancel(upgrade=obj, actor=user, now=timezone.now())
    return _t("Nobody waits for it any more.")


@admin.register(PlugAndChargeRequest)
class PlugAndChargeRequestAdmin(PlacedHistoryAdmin):
    """What cars asked through charge points, and what they got."""

    list_display = ("time", "charge_point", "kind", "answered", "problem")
    list_filter = ("kind",)
    search_fields = ("charge_point__cp_id", "=message_id")
    empty_text = _("Cars that charge by plug and charge leave their questions here.")

    @display(description=_("answered"), ordering="status")
    def answered(self, row: PlugAndChargeRequest) -> SafeString:
        """Our answer."""
        return badge(row.status or _("none"), "good" if row.status in {"Accepted", "Good"} else "warn")

    def story(self, request: HttpRequest, obj: PlugAndChargeRequest) -> dict[str, Any]:
        """The question and the answer."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Time"), self.time(obj)),
            (_("Message"), code(f"{obj.kind} {obj.message_id}")),
            (_("Took"), f"{obj.took_ms} ms"),
            (_("Contracts that remain"), "" if obj.remaining is None else str(obj.remaining)),
            (_("Problem"), obj.problem),
        ]
        return {
            "state_badge": self.answered(obj),
            "cards": [
                {"title": _("Request"), "facts": facts},
                {"title": _("Question"), "width": "em-w6", "body": pretty(obj.details)},
                {"title": _("Answer"), "width": "em-w6", "body": pretty(obj.answer)},
            ],
        }


@admin.register(CertificateStatus)
class CertificateStatusAdmin(HistoryStoryAdmin):
    """What OCSP responders and revocation lists said, as long as it is good."""

    list_display = ("certificate", "source", "state", "good_until", "checked", "problem")
    list_filter = ("source", "status", OrganizationFilter)
    list_select_related = ("organization",)
    search_fields = ("=serial_number", "url")
    ordering = ("-id",)
    empty_text = _("Answers appear when a charge point asks about a certificate.")

    @display(description=_("certificate"))
    def certificate(self, row: CertificateStatus) -> Any:
        """Its serial number."""
        return keep(row.serial_number)

    @display(description=_("status"), ordering="status")
    def state(self, row: CertificateStatus) -> SafeString:
        """What was said."""
        word = StatusWord(row.status)
        return badge(str(word.label).capitalize(), STATUS_TONES[word])

    @display(description=_("good until"), ordering="next_update")
    def good_until(self, row: CertificateStatus) -> Any:
        """How long we rely on it."""
        return moment(row.next_update, row.organization.time_zone)

    @display(description=_("checked"), ordering="checked_at")
    def checked(self, row: CertificateStatus) -> Any:
        """When we asked."""
        return moment(row.checked_at, row.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: CertificateStatus) -> dict[str, Any]:
        """Of which certificate, from where, how fresh."""
        facts = [
            (_("Serial number"), code(obj.serial_number)),
            (_("Source"), obj.source),
            (_("Asked at"), keep(obj.url)),
            (_("As of"), moment(obj.this_update, obj.organization.time_zone, seconds=True)),
            (_("Good until"), self.good_until(obj)),
            (_("Checked"), self.checked(obj)),
            (_("Problem"), obj.problem),
            (_("Issuer's name (hash)"), code(f"{obj.hash_algorithm} {obj.issuer_name_hash}")),
            (_("Issuer's key (hash)"), code(obj.issuer_key_hash)),
        ]
        return {"state_badge": self.state(obj), "cards": [{"title": _("Status"), "facts": facts}]}


class AskedHistoryAdmin(PlacedHistoryAdmin):
    """A history of what was asked of charge points, told by its state."""

    tones: Any = {}
    list_select_related = ("charge_point__site", "charge_point__organization", "command")

    @display(description=_("asked"), ordering="id")
    def time(self, row: Any) -> Any:
        """When it was asked."""
        return moment(row.created_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("state"), ordering="state")
    def state_now(self, row: Any) -> SafeString:
        """How far it is."""
        words = str(row.get_state_display())
        return badge(words[:1].upper() + words[1:], self.tones[row.state])


@admin.register(PasswordRotation)
class PasswordRotationAdmin(AskedHistoryAdmin):
    """New passwords on their way; the passwords themselves are kept nowhere."""

    tones = ROTATION_TONES
    object_actions = (
        ObjectAction(
            slug="give-up",
            label=_("Give the new password up"),
            explain=_(
                "Only the old password stays good. If the charge point holds the new one, it is locked out."
            ),
            right=Right.ENROL,
            run=_give_up,
            hindrance=lambda obj: "" if obj.state == RotationState.OPEN else _t("It is settled."),
            ask=True,
            danger=True,
            icon="undo",
        ),
    )
    list_display = ("time", "charge_point", "state_now", "answered")
    list_filter = ("state",)
    search_fields = ("charge_point__cp_id",)
    empty_text = _("Order Rotate password on a charge point's page.")

    def story(self, request: HttpRequest, obj: PasswordRotation) -> dict[str, Any]:
        """How far it is."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Asked"), self.time(obj)),
            (_("Sent"), moment(obj.sent_at, zone, seconds=True)),
            (_("Answered"), obj.answered),
            (_("Takes effect after a reboot"), _("yes") if obj.needs_reboot else _("no")),
            (_("Settled"), moment(obj.settled_at, zone, seconds=True)),
            (_("Command"), command_link(obj.command)),
        ]
        return {"state_badge": self.state_now(obj), "cards": [{"title": _("Rotation"), "facts": facts}]}


@admin.register(SecurityUpgrade)
class SecurityUpgradeAdmin(AskedHistoryAdmin):
    """Moves to a higher security profile."""

    tones = UPGRADE_TONES
    object_actions = (
        ObjectAction(
            slug="cancel",
            label=_("Wait no longer"),
            explain=_("Ends the upgrade here. A charge point that took it may connect with the new profile."),
            right=Right.ENROL,
            run=_cancel,
            hindrance=lambda obj: "" if obj.state in OPEN else _t("It has ended already."),
            ask=True,
            icon="close",
        ),
    )
    list_display = ("time", "charge_point", "step", "state_now", "reason")
    list_filter = ("state", "to_profile")
    search_fields = ("charge_point__cp_id",)
    empty_text = _("A charge point's security page leads through an upgrade.")

    @display(description=_("profile"), ordering="to_profile")
    def step(self, row: SecurityUpgrade) -> str:
        """From which to which."""
        return str(row)

    def story(self, request: HttpRequest, obj: SecurityUpgrade) -> dict[str, Any]:
        """From which to which, and how far it is."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Profile"), str(obj)),
            (_("Connection profile"), "" if obj.slot is None else str(obj.slot)),
            (_("Address"), obj.url),
            (_("Restarts when idle"), _("yes") if obj.restart else _("no")),
            (_("Asked"), self.time(obj)),
            (_("Changed"), moment(obj.changed_at, zone, seconds=True)),
            (_("Why it ended"), obj.reason),
            (
                _("Last command"),
                link(object_url(obj.command), obj.command.get_state_display()) if obj.command else "",
            ),
        ]
        return {
            "title": f"{obj} · {obj.charge_point}",
            "state_badge": self.state_now(obj),
            "cards": [{"title": _("Upgrade"), "facts": facts}],
        }
