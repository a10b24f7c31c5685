"""Partners: who they are, how they are, what goes to and fro."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import age, badge, code, keep, link, moment
from ocpi.admin.commands import SEND
from ocpi.admin.deliveries import delivery_badge
from ocpi.models import Delivery, Exchange, Partner
from ocpi.models.delivery import DeliveryState
from ocpi.models.partner import PartnerStatus
from ocpi.services.handshake import partner_rotate
from ocpi.services.partners import partner_resume, partner_suspend, partner_unregister
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

ROWS = 12
STATUS_TONES = {"ACTIVE": "good", "SUSPENDED": "warn", "INACTIVE": "mute"}


class HealthFilter(ChoiceFilter):
    """Partners that do not get what they should."""

    title, parameter_name = _("health"), "health"
    options = (("trouble", _("in trouble")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Failing, paused, or with something given up on."""
        if not self.value():
            return queryset
        trouble = Q(failures__gt=0) | Q(paused_until__gt=timezone.now()) | Q(dead__gt=0)
        return queryset.filter(trouble).exclude(status=PartnerStatus.INACTIVE)


class StatusFilter(ChoiceFilter):
    """By registration."""

    title, parameter_name = _("status"), "status"
    options = PartnerStatus.choices


def _suspend(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_suspend(partner=obj, actor=user, now=timezone.now())
    return _t("The partner is suspended.")


def _resume(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_resume(partner=obj, actor=user, now=timezone.now())
    return _t("The partner is active again.")


def _rotate(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_rotate(partner=obj, actor=user, now=timezone.now())
    return _t("Both sides have new tokens.")


def _unregister(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_unregister(partner=obj, actor=user, now=timezone.now())
    return _t("The registration has ended.")


def _only(status: PartnerStatus, sentence: Any) -> Any:
    return lambda obj: "" if obj.status == status else str(sentence)


ACTIONS = (
    ObjectAction(
        slug="suspend",
        label=_("Suspend"),
        explain=_("Refuses everything that the partner asks and sends it nothing, until you resume it."),
        right=Right.MANAGE,
        run=_suspend,
        hindrance=_only(PartnerStatus.ACTIVE, _("It is not active.")),
        ask=True,
        icon="pause",
    ),
    ObjectAction(
        slug="resume",
        label=_("Resume"),
        explain=_("Ends the suspension; what waits is sent."),
        right=Right.MANAGE,
        run=_resume,
        hindrance=_only(PartnerStatus.SUSPENDED, _("It is not suspended.")),
        icon="play_arrow",
    ),
    ObjectAction(
        slug="rotate",
        label=_("Rotate tokens"),
        explain=_("Exchanges new tokens with the partner now (OCPI credentials PUT)."),
        right=Right.MANAGE,
        run=_rotate,
        hindrance=_only(PartnerStatus.ACTIVE, _("It is not active.")),
        ask=True,
        icon="autorenew",
    ),
    ObjectAction(
        slug="unregister",
        label=_("Unregister"),
        explain=_(
            "Tells the partner and forgets both tokens. What was exchanged stays; to go on it registers anew."
        ),
        right=Right.MANAGE,
        run=_unregister,
        hindrance=lambda obj: "" if obj.status != PartnerStatus.INACTIVE else _t("It is not registered."),
        ask=True,
        danger=True,
        icon="link_off",
    ),
)


@admin.register(Partner)
class PartnerAdmin(HistoryStoryAdmin):
    """Registered platforms; registrations come about by OCPI, not by a form."""

    object_actions = (*ACTIONS, SEND)
    list_display = ("party", "name", "role_names", "version", "health", "contact", "waiting_now", "errors")
    list_filter = (StatusFilter, HealthFilter, OrganizationFilter)
    list_select_related = ("organization",)
    empty_text = _(
        "Issue a bootstrap token and send it to the partner with your versions URL; it registers itself."
    )
    empty_link = reverse_lazy("admin:ocpi_bootstraptoken_add")
    search_fields = ("country_code", "party_id", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what waits and what was given up."""
        return (
            super()
            .get_queryset(request)
            .annotate(waiting=_count(DeliveryState.WAITING), dead=_count(DeliveryState.DEAD))
        )

    @display(description=_("partner"), ordering="country_code")
    def party(self, partner: Partner) -> str:
        """Its first party."""
        return str(partner)

    @display(description=_("roles"))
    def role_names(self, partner: Partner) -> str:
        """CPO, eMSP, ..."""
        roles = [str(role.get("role", "")) for role in partner.roles if isinstance(role, dict)]
        return ", ".join(dict.fromkeys(roles))

    @display(description=_("state"), ordering="status")
    def health(self, partner: Any) -> SafeString:
        """Status; an active one that does not get what it should says so."""
        now = timezone.now()
        if partner.status == PartnerStatus.ACTIVE:
            if partner.paused_until and partner.paused_until > now:
                return badge(_("Paused"), "bad")
            if partner.failures:
                return badge(_("Failing"), "bad")
        return badge(partner.get_status_display().capitalize(), STATUS_TONES[partner.status])

    @display(description=_("last contact"), ordering="last_contact")
    def contact(self, partner: Partner) -> Any:
        """How long ago."""
        return age(partner.last_contact, timezone.now())

    @display(description=_("waiting"), ordering="waiting")
    def waiting_now(self, partner: Any) -> Any:
        """What is to be sent, and which."""
        return link(_deliveries(partner, "waiting"), partner.waiting) if partner.waiting else "0"

    @display(description=_("given up"), ordering="dead")
    def errors(self, partner: Any) -> Any:
        """What was given up, and which."""
        return link(_deliveries(partner, "dead"), partner.dead) if partner.dead else "0"

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The partner, its endpoints, what goes to and fro."""
        return {
            "title": f"{obj} {obj.name}".strip(),
            "state_badge": self.health(obj),
            "cards": [_facts(obj, self), _endpoints(obj), _sent(obj), _exchanges(obj)],
        }


def _count(state: DeliveryState) -> Any:
    rows = Delivery.objects.filter(partner=OuterRef("pk"), state=state).order_by().values("partner")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _deliveries(partner: Partner, state: str) -> str:
    return f"{reverse('admin:ocpi_delivery_changelist')}?partner__id__exact={partner.pk}&state={state}"


def _facts(obj: Any, page: PartnerAdmin) -> dict[str, Any]:
    now, zone = timezone.now(), obj.organization.time_zone
    facts = [
        (_("Roles"), page.role_names(obj)),
        (_("OCPI version"), obj.version),
        (_("Versions URL"), code(obj.versions_url)),
        (_("Registered"), moment(obj.registered_at, zone)),
        (_("Last contact"), age(obj.last_contact, now)),
        (_("Failures in a row"), str(obj.failures)),
        (_("Paused until"), moment(obj.paused_until, zone)),
        (_("Our token is sent"), obj.get_token_form_display()),
    ]
    return {"title": _("Partner"), "width": "em-w6", "facts": facts}


def _endpoints(obj: Partner) -> dict[str, Any]:
    rows = [
        [(_("Module"), endpoint.identifier), (_("Interface"), endpoint.role), (_("URL"), code(endpoint.url))]
        for endpoint in obj.endpoints.all()
    ]
    return {
        "title": _("Endpoints"),
        "width": "em-w6",
        "columns": [_("Module"), _("Interface"), _("URL")],
        "rows": rows,
        "empty": _("None: the partner is not registered."),
    }


def _sent(obj: Partner) -> dict[str, Any]:
    rows = [
        [
            (_("Object"), link(object_url(delivery), keep(f"{delivery.module} {delivery.object_id}"))),
            (_("State"), delivery_badge(delivery)),
            (_("Trouble"), delivery.last_error),
        ]
        for delivery in Delivery.objects.filter(partner=obj)[:ROWS]
    ]
    return {
        "title": _("Sent"),
        "width": "em-w6",
        "columns": [_("Object"), _("State"), _("Trouble")],
        "rows": rows,
        "more": f"{reverse('admin:ocpi_delivery_changelist')}?partner__id__exact={obj.pk}",
        "empty": _("Nothing was for this partner yet. Sessions of its drivers are sent as they happen."),
    }


def _exchanges(obj: Partner) -> dict[str, Any]:
    zone = obj.organization.time_zone
    rows = [
        [
            (_("Time"), link(object_url(row), moment(row.at, zone, seconds=True))),
            (_("Request"), f"{row.method} {row.module}"),
            (_("From"), _("us") if row.outgoing else _("partner")),
            (_("HTTP"), row.http_status or row.error),
        ]
        for row in Exchange.objects.filter(partner=obj).defer("request_body", "response_body")[:ROWS]
    ]
    return {
        "title": _("Messages"),
        "width": "em-w6",
        "columns": [_("Time"), _("Request"), _("From"), _("HTTP")],
        "rows": rows,
        "more": f"{reverse('admin:ocpi_exchange_changelist')}?partner__id__exact={obj.pk}",
        "empty": _("Nothing was said yet."),
    }
