"""Unknown ids that knocked, adopted with one click; refusals of known charge points."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from central.admin.cards import card
from central.admin.connecting import connect_page
from central.models import Knock, Refusal
from central.models.knock import knocks_shown_to
from central.ocpp.adoption import knock_adopt, knock_version
from central.selectors.overview import zone_of
from central.services.knocks import knock_forget
from emobility.lib.display import age, badge, link, moment
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.requests import remote_address
from registry.admin.story import HistoryStoryAdmin
from registry.models import Organization
from registry.rights import Right

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _adopt(request: HttpRequest, obj: Knock, values: dict[str, Any]) -> HttpResponse:
    """At once where it is clear whose it becomes; else the page asks."""
    user: Any = request.user
    owners = list(Organization.objects.visible_to(user)[:2])
    if len(owners) != 1:
        asked = urlencode({"cp_id": obj.cp_id, "version": knock_version(obj)})
        return HttpResponseRedirect(f"{reverse('admin:registry_chargepoint_add')}?{asked}")
    charge_point, password = knock_adopt(
        knock=obj,
        organization=owners[0],
        actor=user,
        address=remote_address(request),
        now=timezone.now(),
    )
    return connect_page(admin.site._registry[type(charge_point)], request, charge_point, password)  # noqa: SLF001 -- the site's table of pages


def _forget(request: HttpRequest, obj: Knock, values: dict[str, Any]) -> HttpResponse:
    knock_forget(cp_id=obj.cp_id)
    return HttpResponseRedirect(reverse("admin:central_knock_changelist"))


@admin.register(Knock)
class KnockAdmin(HistoryStoryAdmin):
    """Ids that nobody registered, with what they offered; they belong to no organisation."""

    change_list_template = "admin/live_list.html"
    list_live_topics = "knocks"
    list_display = ("cp_id", "last", "count", "address", "offered", "tls", "user", "first", "adopt")
    search_fields = ("cp_id", "address")
    ordering = ("-last_seen",)
    empty_text = _("No unknown charge point has knocked.")
    object_actions = (
        ObjectAction(
            slug="adopt",
            label=_("Adopt it"),
            explain=_("Makes this id a charge point of yours and shows the password to type into it."),
            right=Right.ENROL,
            run=_adopt,
            icon="add_link",
        ),
        ObjectAction(
            slug="forget",
            label=_("Forget it"),
            explain=_("Takes it off this list, until it knocks again."),
            right=Right.ENROL,
            run=_forget,
            icon="delete",
        ),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list; whoever may not learn who knocks is told so, not that nobody did."""
        found: Any = super().get_changelist_instance(request)
        if not knocks_shown_to(request.user):
            found.empty_title = _t("Only the platform's administrators see these")
            found.empty_text = _t(
                "Several organisations share this platform, and an id says nothing of whose it is. Where you"
                " know the id of your charge point, connect it."
            )
            found.empty_link = reverse("admin:registry_chargepoint_add")
        return found

    @display(description=_("adopt"))
    def adopt(self, knock: Knock) -> Any:
        """The one click; the list is a form already."""
        address = reverse("admin:central_knock_adopt", args=[knock.pk])
        button = '<button class="em-button" formmethod="post" formaction="{}">{}</button>'
        return format_html(button, address, _t("Adopt it"))

    @display(description=_("last"), ordering="last_seen")
    def last(self, knock: Knock) -> Any:
        """How long ago."""
        return age(knock.last_seen, timezone.now())

    @display(description=_("first"), ordering="first_seen")
    def first(self, knock: Knock) -> Any:
        """Since when."""
        return age(knock.first_seen, timezone.now())

    @display(description=_("TLS"))
    def tls(self, knock: Knock) -> Any:
        """Whether its way was encrypted."""
        return badge(_("wss"), "good") if knock.secure else badge(_("ws"), "warn")

    @display(description=_("user name"))
    def user(self, knock: Knock) -> Any:
        """Whether its user name was its id."""
        words = {True: _("is its id"), False: _("another"), None: _("none")}
        return words[knock.user_fits]

    def story(self, request: HttpRequest, obj: Knock) -> dict[str, Any]:
        """What is known of it."""
        now = timezone.now()
        facts = [
            (_("Id"), obj.cp_id),
            (_("Last"), age(obj.last_seen, now)),
            (_("First"), age(obj.first_seen, now)),
            (_("Times"), obj.count),
            (_("Address"), obj.address),
            (_("Offered subprotocols"), obj.offered or _("none")),
            (_("Encrypted"), self.tls(obj)),
            (_("User name"), self.user(obj)),
        ]
        return {
            "topics": "knocks",
            "cards": [{"key": "knock", "title": _("Unknown charge point"), "facts": facts}],
        }


@admin.register(Refusal)
class RefusalAdmin(HistoryStoryAdmin):
    """Known charge points that were not let in, a row for each reason."""

    organization_column = False
    list_display = ("charge_point", "reason", "last", "count", "total", "address")
    list_filter = ("reason", OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization")
    search_fields = ("charge_point__cp_id", "address")
    ordering = ("-last_seen",)
    empty_text = _("Nobody was refused.")

    @display(description=_("last"), ordering="last_seen")
    def last(self, refusal: Refusal) -> Any:
        """How long ago."""
        return age(refusal.last_seen, timezone.now())

    def story(self, request: HttpRequest, obj: Refusal) -> dict[str, Any]:
        """How often, from where, with what."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Why"), obj.get_reason_display()),
            (_("Last"), moment(obj.last_seen, zone_of(obj.charge_point), seconds=True)),
            (_("Within an hour"), obj.count),
            (_("Altogether"), obj.total),
            (_("Address"), obj.address),
            (_("Offered subprotocols"), obj.offered or _("none")),
        ]
        return {"title": f"{obj.charge_point}: {obj.get_reason_display()}", "cards": [{"facts": facts}]}


@card(Right.INSPECT)
def door_card(obj: Any, now: Any) -> dict[str, Any]:
    """The card of a charge point's page: who was refused lately and why, and how to connect it."""
    facts: list[tuple[Any, Any]] = [
        (row.get_reason_display().capitalize(), _words(row, now))
        for row in Refusal.objects.filter(charge_point=obj, last_seen__gt=now - DAY).order_by("-last_seen")
    ]
    page = reverse("admin:registry_chargepoint_connect", args=[obj.pk])
    facts.append((_("Connect it"), link(page, _("address, password, progress"))))
    return {"key": "door", "title": _("At the door"), "facts": facts}


def _words(row: Refusal, now: Any) -> Any:
    """That it was refused, how long ago, and how often where that is news."""
    fresh = now - row.last_seen <= HOUR
    often = ngettext("{count} time in the last hour", "{count} times in the last hour", row.count)
    often = often.format(count=row.count) if fresh else ""
    return format_html("{} {}", badge(_t("Refused"), "bad" if fresh else "warn", row.last_seen, now), often)
