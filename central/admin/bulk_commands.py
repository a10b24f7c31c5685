"""Bulk commands: an order chosen, a selection made, what would happen shown, confirmed, followed live."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.bulk_pages import choose_page, plan_page
from central.admin.bulk_story import bulk_badge, bulk_story, far_words
from central.admin.filters import OrderFilter
from central.models import BulkCommand, Command
from central.models.bulk_command import BulkState
from central.models.command import CommandState, order_words
from central.ocpp.bulk_orders import again_hindrance, bulk_order_again, bulk_orders_run
from central.ocpp.intents import ORDERS
from central.selectors.selections import progress_of, with_progress
from central.services.command_bulks import bulk_cancel, bulk_confirm
from emobility.lib.display import moment
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right, may


class BulkStateFilter(ChoiceFilter):
    """By its state."""

    title, parameter_name = _("state"), "state"
    options = tuple(BulkState.choices)


def _confirm(request: HttpRequest, obj: BulkCommand, values: dict[str, Any]) -> str:
    user: Any = request.user
    now = timezone.now()
    bulk_confirm(bulk=obj, requested_by=user, now=now)
    bulk_orders_run(bulk_id=obj.pk, now=now)
    return _t("It runs. {portion} charge points are ordered every {seconds} seconds.").format(
        portion=settings.OCPP_BULK_PORTION, seconds=settings.OCPP_BULK_PAUSE
    )


def _cancel(request: HttpRequest, obj: BulkCommand, values: dict[str, Any]) -> str:
    user: Any = request.user
    bulk_cancel(bulk=obj, requested_by=user, now=timezone.now())
    return _t("Nothing more is ordered; what still waited is taken back.")


def _again(request: HttpRequest, obj: BulkCommand, values: dict[str, Any]) -> HttpResponse:
    user: Any = request.user
    planned = bulk_order_again(bulk=obj, requested_by=user, now=timezone.now())
    messages.success(request, _t("Planned. Look at it once more, then confirm."))
    return HttpResponseRedirect(object_url(planned))


def _nothing_to_cancel(obj: Any) -> str:
    """Why not; what was interrupted on the way may go on."""
    waits = Command.objects.filter(bulk_target__bulk=obj.pk).whole_in([CommandState.QUEUED])
    if obj.state in {BulkState.PLANNED, BulkState.RUNNING} or waits.exists():
        return ""
    cancelled = obj.state == BulkState.CANCELLED
    return _t("It is cancelled already.") if cancelled else _t("Everything has left already.")


ACTIONS = (
    ObjectAction(
        slug="confirm",
        label=_("Confirm and send"),
        explain=_("Sends the order to every charge point that is not skipped, a portion at a time."),
        right=Right.OPERATE,
        run=_confirm,
        hindrance=lambda obj: "" if obj.state == BulkState.PLANNED else _t("It is no longer planned."),
        ask=True,
        danger=True,
        icon="done_all",
    ),
    ObjectAction(
        slug="cancel",
        label=_("Cancel"),
        explain=_("Orders nothing more, and takes back what still waits for its charge point."),
        right=Right.OPERATE,
        run=_cancel,
        hindrance=_nothing_to_cancel,
        ask=True,
        icon="close",
    ),
    ObjectAction(
        slug="again",
        label=_("Again for the rest"),
        explain=_(
            "Plans the same order for the charge points that did not take it. Nothing leaves before you"
            " confirm."
        ),
        right=Right.OPERATE,
        run=_again,
        hindrance=again_hindrance,
        icon="replay",
    ),
)


@admin.register(BulkCommand)
class BulkCommandAdmin(HistoryStoryAdmin):
    """Orders to many charge points, newest first, with how far they are."""

    object_actions = ACTIONS
    change_list_template = "admin/live_list.html"
    list_live_topics = "commands"
    list_display = ("planned", "words", "state_now", "far", "by", "reason")
    list_filter = (BulkStateFilter, OrderFilter, OrganizationFilter)
    list_select_related = ("organization", "requested_by")
    search_fields = ("order", "reason", "requested_by__username")
    ordering = ("-id",)
    empty_text = _("A bulk command sends one order to a site, a group, a model or any other selection.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For those who may order."""
        return may(request.user, Right.OPERATE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With progress."""
        return with_progress(super().get_queryset(request))

    @display(description=_("planned"), ordering="id")
    def planned(self, bulk: BulkCommand) -> Any:
        """When."""
        return moment(bulk.created_at, bulk.organization.time_zone)

    @display(description=_("order"), ordering="order")
    def words(self, bulk: BulkCommand) -> Any:
        """What it does."""
        return order_words(bulk.order)

    @display(description=_("state"), ordering="state")
    def state_now(self, bulk: BulkCommand) -> Any:
        """Its state with its age."""
        return bulk_badge(bulk)

    @display(description=_("progress"))
    def far(self, bulk: Any) -> Any:
        """Answered of all."""
        return far_words(progress_of(bulk))

    @display(description=_("by"))
    def by(self, bulk: BulkCommand) -> Any:
        """Who asked."""
        return bulk.requested_by or ""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """First the order, then the selection; the plan is shown before anything leaves."""
        if not self.has_add_permission(request):
            raise PermissionDenied(_t("Your role may not order this."))
        asked = ORDERS.get(request.GET.get("order", ""))
        if asked is None:
            return choose_page(self, request)
        if not may(request.user, asked.right):
            raise PermissionDenied(_t("Your role may not order this."))
        return plan_page(self, request, asked)

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What to whom, how far it is, and each charge point."""
        return bulk_story(request, obj)
