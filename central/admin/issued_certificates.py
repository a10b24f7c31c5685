"""Certificates of charge points: what was asked for, what was signed, what is inside."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from central.admin.history import PlacedHistoryAdmin
from central.admin.words import command_link
from central.models import InstalledCertificate, IssuedCertificate, SigningRequest
from central.models.issued_certificate import CertificateKind, IssuedState
from central.selectors.overview import zone_of
from central.services.commands import command_create
from central.services.issued_certificates import LIVING, RENEW, certificate_deliver, certificate_revoke
from emobility.lib.display import badge, badges, code, link, moment, pretty
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import ChoiceFilter
from registry.rights import Right

TONES: Final = {
    IssuedState.ISSUED: "info",
    IssuedState.ACCEPTED: "busy",
    IssuedState.ACTIVE: "good",
    IssuedState.SUPERSEDED: "mute",
    IssuedState.REVOKED: "bad",
    IssuedState.EXPIRED: "warn",
}


class RevokeForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=200, widget=UnfoldAdminTextInputWidget)


class DueFilter(ChoiceFilter):
    """What wants renewal."""

    title, parameter_name = _("renewal"), "due"
    options = (("1", _("due")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Certificates in use whose renewal is due."""
        due = queryset.filter(state=IssuedState.ACTIVE, renew_at__lte=timezone.now())
        return due if self.value() else queryset


def _deliver(request: HttpRequest, obj: IssuedCertificate, values: dict[str, Any]) -> str:
    certificate_deliver(certificate=obj, now=timezone.now())
    return _t("It is on its way to the charge point.")


def _renew(request: HttpRequest, obj: IssuedCertificate, values: dict[str, Any]) -> str:
    user: Any = request.user
    command_create(
        charge_point=obj.charge_point,
        order=RENEW,
        params={"certificate_type": obj.certificate_type},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("The charge point is asked for a new signing request.")


def _revoke(request: HttpRequest, obj: IssuedCertificate, values: dict[str, Any]) -> str:
    user: Any = request.user
    certificate_revoke(certificate=obj, reason=values["reason"], actor=user, now=timezone.now())
    return _t("The certificate is revoked.")


def _ended(obj: IssuedCertificate) -> str:
    return "" if obj.state in LIVING else _t("It has ended already.")


ACTIONS: Final = (
    ObjectAction(
        slug="renew",
        label=_("Renew"),
        explain=_("Asks the charge point to make a new key and have it signed."),
        right=Right.ENROL,
        run=_renew,
        icon="autorenew",
    ),
    ObjectAction(
        slug="deliver",
        label=_("Send again"),
        explain=_("Sends the certificate to the charge point once more."),
        right=Right.ENROL,
        run=_deliver,
        hindrance=_ended,
        icon="send",
    ),
    ObjectAction(
        slug="revoke",
        label=_("Revoke"),
        explain=_("Nobody gets in with it from now on. A connection that is open stays open until it ends."),
        right=Right.ENROL,
        run=_revoke,
        form=lambda data, request, obj: RevokeForm(data),
        hindrance=_ended,
        danger=True,
        icon="block",
    ),
)


@admin.register(IssuedCertificate)
class IssuedCertificateAdmin(PlacedHistoryAdmin):
    """What our authorities signed, with its state and when renewal is due."""

    object_actions = ACTIONS
    list_display = ("subject", "charge_point", "kind", "state_now", "ends", "time")
    list_filter = ("state", "certificate_type", DueFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "authority")
    search_fields = ("charge_point__cp_id", "subject", "=serial_number", "=fingerprint")
    empty_text = _("A charge point asks for its certificate by itself, or when you order Renew certificate.")

    @display(description=_("issued"), ordering="id")
    def time(self, row: IssuedCertificate) -> Any:
        """When it was signed."""
        return moment(row.issued_at, zone_of(row.charge_point))

    @display(description=_("for"), ordering="certificate_type")
    def kind(self, row: IssuedCertificate) -> Any:
        """What it is for."""
        words = CertificateKind(row.certificate_type).label
        return _("{use} and cars").format(use=words) if row.both_uses else words

    @display(description=_("state"), ordering="state")
    def state_now(self, row: IssuedCertificate) -> SafeString:
        """Its state, and whether renewal is due."""
        state = IssuedState(row.state)
        shown = badge(str(state.label).capitalize(), TONES[state])
        if state == IssuedState.ACTIVE and row.renew_at <= timezone.now():
            return badges([shown, badge(_("Renewal due"), "warn", row.renew_at, timezone.now())])
        return shown

    @display(description=_("valid until"), ordering="not_after")
    def ends(self, row: IssuedCertificate) -> Any:
        """When it ends."""
        return moment(row.not_after, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: IssuedCertificate) -> dict[str, Any]:
        """What it is, how far it is, and its PEM."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("For"), self.kind(obj)),
            (_("Signed by"), link(object_url(obj.authority), obj.authority)),
            (_("Subject"), obj.subject),
            (_("Key"), obj.key_kind),
            (_("Serial number"), code(obj.serial_number)),
            (_("Fingerprint (SHA-256)"), code(obj.fingerprint)),
        ]
        return {
            "title": f"{obj.subject} · {obj.charge_point}",
            "state_badge": self.state_now(obj),
            "cards": [
                {"title": _("Certificate"), "width": "em-w6", "facts": facts},
                {"title": _("Its life"), "width": "em-w6", "facts": _life(obj)},
                {"title": _("PEM"), "body": pem(obj.certificate_pem)},
            ],
        }


def _life(obj: IssuedCertificate) -> list[tuple[Any, Any]]:
    zone = zone_of(obj.charge_point)
    return [
        (_("Issued"), moment(obj.issued_at, zone, seconds=True)),
        (_("Taken"), moment(obj.accepted_at, zone, seconds=True)),
        (_("First used"), moment(obj.proved_at, zone, seconds=True)),
        (_("Valid"), moment(obj.not_before, zone)),
        (_("Until"), moment(obj.not_after, zone)),
        (_("Renewal due"), moment(obj.renew_at, zone)),
        (_("Ended"), moment(obj.ended_at, zone, seconds=True)),
        (_("Why"), obj.reason),
        (_("Delivery"), command_link(obj.command)),
    ]


@admin.register(SigningRequest)
class SigningRequestAdmin(PlacedHistoryAdmin):
    """What charge points asked to be signed, with why it was refused."""

    list_display = ("time", "charge_point", "subject", "answered", "reason")
    list_filter = ("status", "certificate_type")
    search_fields = ("charge_point__cp_id", "subject")
    empty_text = _("Charge points send these by themselves, or when you order Renew certificate.")

    @display(description=_("answered"), ordering="status")
    def answered(self, row: SigningRequest) -> SafeString:
        """Our answer."""
        return badge(row.status, "good" if row.status == "Accepted" else "bad")

    def story(self, request: HttpRequest, obj: SigningRequest) -> dict[str, Any]:
        """The request and what came of it."""
        issued = obj.certificate
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Time"), self.time(obj)),
            (_("For"), obj.certificate_type or _("us and cars")),
            (_("Subject"), obj.subject),
            (_("Key"), obj.key_kind),
            (_("Through DataTransfer"), _("yes") if obj.tunnelled else _("no")),
            (_("Why not"), obj.reason),
            (_("Certificate"), link(object_url(issued), issued) if issued else ""),
        ]
        return {
            "title": f"{obj} · {obj.charge_point}",
            "state_badge": self.answered(obj),
            "cards": [
                {"title": _("Signing request"), "facts": facts},
                {"title": _("CSR"), "body": pem(obj.csr)},
            ],
        }


@admin.register(InstalledCertificate)
class InstalledCertificateAdmin(PlacedHistoryAdmin):
    """What is inside charge points' trust stores."""

    list_display = ("name", "charge_point", "certificate_type", "state", "ends", "time")
    list_filter = ("certificate_type",)
    search_fields = ("charge_point__cp_id", "subject", "serial_number")
    empty_text = _("Order List certificates on a charge point's page, or install one.")

    @display(description=_("certificate"), ordering="subject")
    def name(self, row: InstalledCertificate) -> str:
        """Its subject where we know it, else its serial number."""
        return str(row)

    @display(description=_("state"), ordering="removed_at")
    def state(self, row: InstalledCertificate) -> SafeString:
        """Inside or gone."""
        now = timezone.now()
        if row.removed_at:
            return badge(_("Gone"), "mute", row.removed_at, now)
        return badge(_("Inside"), "good", row.reported_at or row.first_seen_at, now)

    @display(description=_("valid until"), ordering="not_after")
    def ends(self, row: InstalledCertificate) -> Any:
        """When it ends, where we know the certificate."""
        return moment(row.not_after, zone_of(row.charge_point))

    @display(description=_("first seen"), ordering="id")
    def time(self, row: InstalledCertificate) -> Any:
        """Since when we know of it."""
        return moment(row.first_seen_at, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: InstalledCertificate) -> dict[str, Any]:
        """What it is, and how OCPP names it."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Type"), code(obj.certificate_type)),
            (_("Subject"), obj.subject or _("not known here")),
            (_("Valid until"), moment(obj.not_after, zone)),
            (_("Installed from here"), _("yes") if obj.installed_by_us else _("no")),
            (_("Last reported"), moment(obj.reported_at, zone, seconds=True)),
        ]
        named = [
            (_("Hash"), obj.hash_algorithm),
            (_("Issuer's name"), code(obj.issuer_name_hash)),
            (_("Issuer's key"), code(obj.issuer_key_hash)),
            (_("Serial number"), code(obj.serial_number)),
        ]
        cards = [
            {"title": _("Certificate"), "width": "em-w6", "facts": facts},
            {"title": _("Hash data"), "width": "em-w6", "facts": named},
        ]
        if obj.children:
            cards.append({"title": _("Certificates below it"), "body": pretty(obj.children)})
        return {"title": f"{obj} · {obj.charge_point}", "state_badge": self.state(obj), "cards": cards}


def pem(text: str) -> SafeString:
    """PEM, line by line, for reading and copying."""
    return format_html('<pre class="em-json" tabindex="0">{}</pre>', text)
