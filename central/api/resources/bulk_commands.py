"""REST: one order to many charge points: planned, confirmed, followed, cancelled."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from central.api.records import resource
from central.models import BulkCommand, BulkTarget
from central.models.bulk_command import BulkState
from central.ocpp.bulk_orders import bulk_order_again, bulk_order_plan, bulk_orders_run
from central.selectors.selections import progress_of, with_progress
from central.services.command_bulks import bulk_cancel, bulk_confirm
from central.services.commands import DEFAULT_TTL, MOST_ATTEMPTS
from emobility.lib.api import ScopedViewSet
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission

REFUSALS: dict[int, Any] = {403: FaultSerializer, 404: FaultSerializer, 409: FaultSerializer}
MOST_SECONDS = 7 * 24 * 3600


class BulkSerializer(serializers.ModelSerializer[BulkCommand]):
    """A bulk command; `progress` counts charge points: total, waiting, skipped, and by command state."""

    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    progress = serializers.SerializerMethodField()

    class Meta:
        model = BulkCommand
        fields = (
            "uid",
            "order",
            "params",
            "selection",
            "state",
            "requested_by",
            "reason",
            "valid_seconds",
            "max_attempts",
            "created_at",
            "confirmed_at",
            "finished_at",
            "progress",
        )

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_progress(self, bulk: Any) -> dict[str, int]:
        """How far it is."""
        return progress_of(bulk)


class BulkRequest(serializers.Serializer[Any]):
    """What to whom: an order with its `params`, and a `selection` of charge points.

    Keys of the selection, all of which must fit: site, group (ids), vendor, model, firmware (its beginning),
    ocpp_version, charge_points (a list of ids), all (true).
    """

    order = serializers.CharField(max_length=40)
    params = serializers.DictField(default=dict)
    selection = serializers.DictField()
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    valid_seconds = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SECONDS)
    attempts = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_ATTEMPTS)


class TargetSerializer(serializers.ModelSerializer[BulkTarget]):
    """One charge point of a bulk command."""

    charge_point = serializers.CharField(source="charge_point.cp_id")
    command = serializers.UUIDField(source="command.uid", default=None, allow_null=True)
    command_state = serializers.CharField(source="command.outcome", default=None, allow_null=True)

    class Meta:
        model = BulkTarget
        fields = ("charge_point", "state", "skip_reason", "command", "command_state")


class BulkFilter(FilterSet):
    """Order and state."""

    order = CharFilter()
    state = ChoiceFilter(choices=BulkState.choices)


@extend_schema(tags=["bulk commands"])
class BulkViewSet(ScopedViewSet):
    """Bulk commands of your organisation, newest first."""

    queryset = BulkCommand.objects.select_related("requested_by")
    serializer_class = BulkSerializer
    permission_classes = [RightPermission]
    filterset_class = BulkFilter
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def get_queryset(self) -> Any:
        """With progress."""
        return with_progress(super().get_queryset())

    @extend_schema(request=BulkRequest, responses={201: BulkSerializer, 400: FaultSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Plan it: who would get the order, and who is skipped and why. Nothing leaves before `confirm`."""
        form = BulkRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked, user = form.validated_data, _person(request)
        ttl = timedelta(seconds=asked["valid_seconds"]) if "valid_seconds" in asked else DEFAULT_TTL
        bulk = bulk_order_plan(
            requested_by=user,
            order=asked["order"],
            params=asked["params"],
            selection=asked["selection"],
            reason=asked["reason"],
            ttl=ttl,
            attempts=asked["attempts"],
            now=timezone.now(),
        )
        return self._planned(request, bulk)

    @extend_schema(request=None, responses={200: BulkSerializer, 429: FaultSerializer} | REFUSALS)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, uid: str = "") -> Response:
        """Let it run: the first portion leaves now, the others follow."""
        now = timezone.now()
        bulk = bulk_confirm(bulk=self.get_object(), requested_by=_person(request), now=now)
        bulk_orders_run(bulk_id=bulk.pk, now=now)
        return Response(self._told(bulk))

    @extend_schema(request=None, responses={200: BulkSerializer} | REFUSALS)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str = "") -> Response:
        """Order nothing more, and take back what still waits for its charge point."""
        bulk = bulk_cancel(bulk=self.get_object(), requested_by=_person(request), now=timezone.now())
        return Response(self._told(bulk))

    @extend_schema(request=None, responses={201: BulkSerializer} | REFUSALS)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, uid: str = "") -> Response:
        """Plan the same order for the charge points that did not take it; `confirm` lets it run."""
        bulk = bulk_order_again(bulk=self.get_object(), requested_by=_person(request), now=timezone.now())
        return self._planned(request, bulk)

    @extend_schema(responses={200: TargetSerializer(many=True)})
    @action(detail=True, filterset_class=None)
    def targets(self, request: Request, uid: str = "") -> Response:
        """Each charge point: waiting, skipped and why, or with its command."""
        rows = BulkTarget.objects.filter(bulk=self.get_object()).select_related("charge_point", "command")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(TargetSerializer(page, many=True).data)

    def _planned(self, request: Request, bulk: BulkCommand) -> Response:
        url = reverse("bulk-commands-detail", args=[bulk.uid], request=request)
        return Response(self._told(bulk), status=201, headers={"Location": url})

    def _told(self, bulk: BulkCommand) -> Any:
        return BulkSerializer(self.get_queryset().get(pk=bulk.pk)).data


def _person(request: Request) -> Any:
    """The person who asks; services have no bulk orders. Raises ValidationError."""
    user: Any = request.user
    if not hasattr(user, "username"):
        raise serializers.ValidationError({"order": [_("Only people order in bulk.")]})
    return user


resource("bulk-commands", BulkViewSet)
