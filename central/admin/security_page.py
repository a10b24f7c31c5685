"""A charge point's security on one page: how it proves itself now, and the way to the next profile."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.admin.security_actions import PROFILES
from central.models import InstalledCertificate, IssuedCertificate, PasswordRotation, SecurityUpgrade
from central.ocpp.intents import ORDERS
from central.selectors.overview import zone_of
from central.services.security_upgrades import HIGHEST, OPEN, UPGRADE, upgrade_needs
from emobility.lib.display import age, badge, code, keep, link, moment
from registry.admin.actions import object_url
from registry.rights import Right, may

NAME = "registry_chargepoint_security"
ROWS = 5
TONES = {0: "bad", 1: "warn", 2: "good", 3: "good"}


class SecurityPage:
    """Mixed into the admin of charge points: `<id>/security/`."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        """The page."""
        view = self.admin_site.admin_view(self.security_view)
        mine = [path("<path:object_id>/security/", view, name=NAME)]
        return [*mine, *super().get_urls()]  # type: ignore[misc]

    def security_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How it proves itself, what the next profile needs, what happened."""
        obj = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if obj is None or not may(request.user, Right.INSPECT):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Security of {name}").format(name=obj),
            "opts": self.opts,
            "original": obj,
            "state_badge": badge(PROFILES[obj.security_profile], TONES[obj.security_profile]),
            "summary": _t("A charge point is never let in with a lower profile than it has used."),
            **security_story(request, obj, timezone.now()),
        }
        return TemplateResponse(request, "admin/story.html", context)


def security_url(obj: Any) -> str:
    """The page's address."""
    return reverse(f"admin:{NAME}", args=[obj.pk])


def security_story(request: HttpRequest, obj: Any, now: datetime) -> dict[str, Any]:
    """The cards."""
    cards = [_now(obj, now), *_way(request, obj, now), _certificates(obj, now), _inside(obj, now)]
    return {"cards": [*cards, _upgrades(obj, now), _passwords(obj, now)]}


def _now(obj: Any, now: datetime) -> dict[str, Any]:
    pending = obj.pending_credential_hash and obj.pending_credential_hash != obj.credential_hash
    facts = [
        (_("Charge point"), link(object_url(obj), obj)),
        (_("Seen with"), PROFILES[obj.security_profile]),
        (_("Last proved itself"), age(obj.last_authenticated, now)),
        (_("Password"), _("set; only its hash is kept") if obj.credential_hash else _("none")),
        (_("New password"), _("waits for its first use") if pending else _("none on its way")),
        (
            _("Certificate (SHA-256)"),
            code(obj.certificate_fingerprint) if obj.certificate_fingerprint else _("none"),
        ),
    ]
    return {"title": _("Now"), "width": "em-w6", "facts": facts}


def _way(request: HttpRequest, obj: Any, now: datetime) -> list[dict[str, Any]]:
    """What each higher profile needs; the next one first."""
    return [
        _needs(request, obj, profile, now) for profile in range(max(obj.security_profile + 1, 2), HIGHEST + 1)
    ] or [
        {
            "title": _("Upgrade"),
            "width": "em-w6",
            "empty": _("This is the highest profile; there is nothing to upgrade."),
        }
    ]


def _needs(request: HttpRequest, obj: Any, profile: int, now: datetime) -> dict[str, Any]:
    needs = upgrade_needs(charge_point=obj, profile=profile, now=now)
    rows = [
        [
            (_("Needs"), each.words[:1].upper() + each.words[1:]),
            (_("State"), badge(_("there"), "good") if each.met else badge(_("missing"), "warn")),
            (_("What to do"), "" if each.met else _help(request, obj, each)),
        ]
        for each in needs
    ]
    ready = all(each.met for each in needs)
    card: dict[str, Any] = {
        "title": _("To profile {profile}").format(profile=PROFILES[profile]),
        "width": "em-w6",
        "state": badge(_("ready"), "good") if ready else badge(_("not ready"), "warn"),
        "columns": [_("Needs"), _("State"), _("What to do")],
        "rows": rows,
    }
    if may(request.user, ORDERS[UPGRADE].right):
        card |= {"more": _order_url(obj, UPGRADE), "more_text": _("Upgrade")}
    return card


def _help(request: HttpRequest, obj: Any, need: Any) -> Any:
    if not need.order or not may(request.user, ORDERS[need.order].right):
        return need.help
    return format_html("{} {}", need.help, link(_order_url(obj, need.order), ORDERS[need.order].label))


def _order_url(obj: Any, order: str) -> str:
    return reverse("admin:registry_chargepoint_order", args=[obj.pk, order])


def _certificates(obj: Any, now: datetime) -> dict[str, Any]:
    zone = zone_of(obj)
    rows = [
        [
            (_("Certificate"), link(object_url(row), keep(row.subject))),
            (_("State"), row.get_state_display()),
            (_("Valid until"), moment(row.not_after, zone)),
        ]
        for row in IssuedCertificate.objects.filter(charge_point=obj)[:ROWS]
    ]
    return {
        "title": _("Its certificates"),
        "width": "em-w6",
        "columns": [_("Certificate"), _("State"), _("Valid until")],
        "rows": rows,
        "empty": _("None was signed here. Order Renew certificate."),
    }


def _inside(obj: Any, now: datetime) -> dict[str, Any]:
    rows = [
        [
            (_("Certificate"), link(object_url(row), keep(str(row)))),
            (_("Type"), code(row.certificate_type)),
            (_("Known"), age(row.reported_at or row.first_seen_at, now)),
        ]
        for row in InstalledCertificate.objects.filter(charge_point=obj, removed_at=None)[:ROWS]
    ]
    return {
        "title": _("Inside its trust store"),
        "width": "em-w6",
        "columns": [_("Certificate"), _("Type"), _("Known")],
        "rows": rows,
        "empty": _("Nothing is known. Order List certificates."),
    }


def _upgrades(obj: Any, now: datetime) -> dict[str, Any]:
    found = SecurityUpgrade.objects.filter(charge_point=obj).select_related("command")[:ROWS]
    rows = [
        [
            (_("Profile"), link(object_url(row), row)),
            (_("State"), badge(row.get_state_display(), "busy" if row.state in OPEN else "mute")),
            (_("Changed"), age(row.changed_at, now)),
            (_("Command"), link(object_url(row.command), row.command.get_state_display()))
            if row.command
            else (_("Command"), ""),
        ]
        for row in found
    ]
    return {
        "title": _("Upgrades"),
        "width": "em-w6",
        "columns": [_("Profile"), _("State"), _("Changed"), _("Command")],
        "rows": rows,
        "empty": _("None was asked for."),
    }


def _passwords(obj: Any, now: datetime) -> dict[str, Any]:
    rows = [
        [
            (_("Asked"), link(object_url(row), age(row.created_at, now))),
            (_("State"), row.get_state_display()),
        ]
        for row in PasswordRotation.objects.filter(charge_point=obj)[:ROWS]
    ]
    return {
        "title": _("Passwords"),
        "width": "em-w6",
        "columns": [_("Asked"), _("State")],
        "rows": rows,
        "empty": _("The password was never rotated from here."),
    }
