"""Partners: who they are, how they are, what goes to and fro."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import age, badge, link
from ocpi.admin.commands import SEND
from ocpi.admin.partner_actions import ACTIONS
from ocpi.admin.partner_cards import (
    deviations_card,
    endpoints_card,
    facts_card,
    messages_card,
    parties_card,
    pulls_card,
    registration_card,
    sent_card,
)
from ocpi.admin.partner_register import RegisteringAdmin
from ocpi.admin.probes import again, findings_card
from ocpi.models import Delivery, Partner
from ocpi.models.delivery import DeliveryState
from ocpi.models.partner import PartnerStatus
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin

IN_ONE_STATE = frozenset({"suspend", "resume", "approve", "reject"})
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


@admin.register(Partner)
class PartnerAdmin(RegisteringAdmin, HistoryStoryAdmin):
    """Registered platforms; registrations come about by OCPI, in one of two directions."""

    object_actions = (*ACTIONS, SEND)
    list_display = ("party", "name", "role_names", "version", "health", "contact", "waiting_now", "errors")
    list_filter = (StatusFilter, HealthFilter, OrganizationFilter)
    list_select_related = ("organization",)
    empty_text = _("Register the first one: with a token of theirs, or by a token that you issue.")
    empty_link = reverse_lazy("admin:ocpi_partner_add")
    search_fields = ("country_code", "party_id", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what waits and what was given up."""
        return (
            super()
            .get_queryset(request)
            .annotate(waiting=_count(DeliveryState.WAITING), dead=_count(DeliveryState.DEAD))
        )

    def buttons(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """Without those that stand for another state of the partner."""
        found = super().buttons(request, obj)
        return [each for each in found if not (each["hindrance"] and each["action"].slug in IN_ONE_STATE)]

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
        """The partner, what it offers, what goes to and fro, how it got here."""
        probe = obj.probes.first()
        checked = [findings_card(probe, "em-w12")] if probe else []
        return {
            "title": f"{obj} {obj.name}".strip(),
            "state_badge": self.health(obj),
            "summary": again(probe),
            "cards": [
                facts_card(obj, self.role_names(obj)),
                parties_card(obj),
                sent_card(obj),
                pulls_card(obj),
                deviations_card(obj),
                *checked,
                messages_card(obj),
                endpoints_card(obj),
                registration_card(obj.handshake),
            ],
        }


def _count(state: DeliveryState) -> Any:
    rows = Delivery.objects.filter(partner=OuterRef("pk"), state=state).order_by().values("partner")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _deliveries(partner: Partner, state: str) -> str:
    return f"{reverse('admin:ocpi_delivery_changelist')}?partner__id__exact={partner.pk}&state={state}"
