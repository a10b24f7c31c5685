"""Connect a charger: make it, tell what to type into it, and show live how far it comes."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from central.models import CertificateAuthority
from central.models.certificate_authority import AuthorityUse
from central.ocpp.catalog import SUBPROTOCOLS
from central.selectors.connecting import EXPECTED_VERSION, SECURE, connect_steps, is_connected
from central.selectors.overview import with_state
from emobility.lib.errors import DomainError
from registry.admin.actions import action_page, object_url
from registry.admin.base import visible
from registry.admin.requests import remote_address
from registry.identifiers import cp_id_check
from registry.models import ChargePoint, Organization, Site
from registry.rights import Right, may
from registry.services.registrations import charge_point_create

NAMES: Final = {version: name for name, version in SUBPROTOCOLS.items()}
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
VERSIONS: Final = (("", _("I don't know")), ("1.6", "OCPP 1.6"), ("2.0.1", "OCPP 2.0.1"), ("2.1", "OCPP 2.1"))
PROFILES: Final = (
    ("2", _("2: password over TLS (wss://)")),
    ("1", _("1: password without TLS (ws://), only in a network of your own")),
    ("3", _("3: client certificate (connect it with 2 first, then raise it)")),
)


class ConnectForm(forms.Form):
    """Which charge point, where, how it comes."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Organisation"), widget=UnfoldAdminSelectWidget
    )
    cp_id = forms.CharField(
        label=_("Charge point id"),
        max_length=48,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=_("As it is, or will be, set in the charge point: often its serial number."),
    )
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Site"), required=False, widget=UnfoldAdminSelectWidget
    )
    location = forms.CharField(
        label=_("Place at the site"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    version = forms.ChoiceField(
        label=_("Version"), choices=VERSIONS, required=False, widget=UnfoldAdminSelectWidget
    )
    security_profile = forms.TypedChoiceField(
        label=_("Security profile"),
        choices=PROFILES,
        coerce=int,
        widget=UnfoldAdminSelectWidget,
        help_text=_("The least that it must use from its first connection on."),
    )

    def __init__(self, data: Any, user: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        sites: Any = self.fields["site"]
        sites.queryset = visible(Site.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]
        self._owner = user.organization

    def clean_cp_id(self) -> str:
        """Raise ValidationError for what no charge point can be called."""
        cp_id: str = self.cleaned_data["cp_id"].strip()
        try:
            cp_id_check(cp_id)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return cp_id

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for a site of another organisation."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        owner, site = data.get("organization") or self._owner, data.get("site")
        if site is not None and owner is not None and site.organization_id != owner.pk:
            raise forms.ValidationError(_("The site belongs to another organisation."))
        if data.get("security_profile") == 1 and not settings.OCPP_ALLOW_PLAINTEXT:
            self.add_error("security_profile", _("This platform lets nobody in without TLS."))
        return data


@dataclass(frozen=True, slots=True)
class Connection:
    """What is typed into a charge point, and why the address may not be the right one."""

    address: str
    address_with_id: str
    subprotocol: str
    doubt: Any


def connection_of(request: HttpRequest, charge_point: ChargePoint) -> Connection:
    """Where the charge point finds us: OCPP_PUBLIC_URL, else where this page is."""
    secure = request.is_secure() or charge_point.security_profile >= 2
    scheme = "wss" if secure else "ws"
    base = settings.OCPP_PUBLIC_URL or f"{scheme}://{request.get_host()}/ocpp"
    spoken = charge_point.metadata.get(EXPECTED_VERSION, "")
    return Connection(
        f"{base}/",
        f"{base}/{charge_point.cp_id}",
        NAMES.get(spoken, ", ".join(NAMES.values())),
        "" if settings.OCPP_PUBLIC_URL else _doubt(request, charge_point),
    )


def _doubt(request: HttpRequest, charge_point: ChargePoint) -> Any:
    """What speaks against an address that is taken from this page's own; empty where nothing does."""
    if request.get_host().rsplit(":", 1)[0] in LOOPBACK:
        return _(
            "This address means this very machine: put in the name or the address by which others reach it."
        )
    if charge_point.security_profile >= SECURE and not request.is_secure():
        return _(
            "This page itself came without TLS. Where wss:// is not answered here, put in the address of the"
            " proxy that does; OCPP_PUBLIC_URL makes it the one that is shown."
        )
    return ""


def connect_form_page(admin: Any, request: HttpRequest, initial: dict[str, Any]) -> HttpResponse:
    """Ask which charge point; make it; go on with how to connect it."""
    if not may(request.user, Right.ENROL):
        raise PermissionDenied(_t("Your role may not enrol charge points."))
    user: Any = request.user
    about = SimpleNamespace(
        label=_("Connect a charger"),
        explain=_(
            "Makes the charge point known here. The next page says what to type into it, and shows live how"
            " far it comes."
        ),
        danger=False,
    )
    posted = request.method == "POST"
    usual = "2" if request.is_secure() or not settings.OCPP_ALLOW_PLAINTEXT else "1"
    initial = {"security_profile": usual, **initial}
    form = ConnectForm(request.POST if posted else None, user, initial)
    if not posted or not form.is_valid():
        return action_page(admin, request, about, form=form)
    try:
        charge_point, password = _made(request, form.cleaned_data)
    except DomainError as error:
        return action_page(admin, request, about, form=form, error=error)
    return connect_page(admin, request, charge_point, password)


def _made(request: HttpRequest, values: dict[str, Any]) -> tuple[ChargePoint, str]:
    user: Any = request.user
    return charge_point_create(
        actor=user,
        organization=values.get("organization") or user.organization,
        cp_id=values["cp_id"],
        site=values["site"],
        location=values["location"],
        security_profile=min(values["security_profile"], 2),
        metadata={EXPECTED_VERSION: values["version"]} if values["version"] else None,
        address=remote_address(request),
        now=timezone.now(),
    )


def connect_page(admin: Any, request: HttpRequest, obj: ChargePoint, password: str = "") -> HttpResponse:
    """What to type into the charge point, and how far it has come; the password only this one time."""
    steps, now = connect_steps(obj, timezone.now()), timezone.now()
    context = {
        **admin.admin_site.each_context(request),
        "title": _t("Connect {name}").format(name=obj.cp_id),
        "opts": admin.opts,
        "original": obj,
        "connection": connection_of(request, obj),
        "password": password,
        "authority": _authority(obj),
        "steps": steps,
        "connected": is_connected(steps),
        "waits": _waits(obj) if may(request.user, Right.ENROL) else "",
        "renew_url": reverse("admin:registry_chargepoint_new_password", args=[obj.pk]),
        "now": now,
        "topics": f"charge_point:{obj.pk}",
        "page_url": reverse("admin:registry_chargepoint_connect", args=[obj.pk]),
        "back": object_url(obj),
    }
    response = TemplateResponse(request, "admin/connect.html", context)
    response["Cache-Control"] = "no-store"
    return response


def connect_view(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page of a charge point that exists."""
    if not may(request.user, Right.ENROL):
        raise PermissionDenied(_t("Your role may not enrol charge points."))
    obj = visible(with_state(ChargePoint.objects.all()), request.user).filter(pk=object_id).first()
    if obj is None:
        raise Http404
    return connect_page(admin, request, obj)


def _authority(obj: ChargePoint) -> str:
    """Where the organisation's CA certificate is downloaded; '' where it has none."""
    rows = CertificateAuthority.objects.filter(
        organization_id=obj.organization_id, use=AuthorityUse.CHARGING_STATION, retired_at=None
    )
    row = rows.first()
    return reverse("admin:central_certificateauthority_pem", args=[row.pk]) if row else ""


def _waits(obj: ChargePoint) -> str:
    """Where a pending charge point is accepted; '' where it does not wait."""
    live = getattr(obj, "live", None)
    if live is None or live.boot_status != "Pending" or live.accepted_at is not None:
        return ""
    return reverse("admin:registry_chargepoint_accept", args=[obj.pk])
