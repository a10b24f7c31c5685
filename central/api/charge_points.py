"""REST: charge points, at /api/charge-points/ and, by the name of the requirement, at /api/chargers/."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.charge_point_forms import (
    ChargePointChange,
    ChargePointFilter,
    ChargePointSerializer,
    DisconnectRequest,
)
from central.api.sessions import SessionViewSet
from central.api.statistics import PeriodQuery, StatisticsSerializer, statistics_answer
from central.ocpp.boots import boot_ask
from central.selectors.overview import for_display, with_state, zone_of
from central.services.acceptance import charge_point_accept
from central.services.disconnections import charge_point_disconnect
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from emobility.lib.errors import Forbidden
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.models import ChargePoint
from registry.rights import Right, may
from registry.services.placement import charge_point_update


@extend_schema(tags=["charge points"])
class ChargePointViewSet(ScopedViewSet):
    """Charge points of your organisation."""

    queryset = ChargePoint.objects.all()
    serializer_class = ChargePointSerializer
    permission_classes = [RightPermission]
    filterset_class = ChargePointFilter
    ordering_fields = {
        "cp_id": "cp_id",
        "registered_at": "registered_at",
        "last_seen": "live__last_seen",
        "site": "site__name",
    }
    lookup_field = "cp_id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Any]:
        """With state, connectors and running sessions."""
        return for_display(with_state(super().get_queryset()))

    @extend_schema(request=ChargePointChange, responses={200: ChargePointSerializer})
    def update(self, request: Request, cp_id: str) -> Response:
        """Change its site, its place in words, or your notes of it; what is not named stays."""
        charge_point: ChargePoint = self.get_object()
        form = ChargePointChange(charge_point, data=request.data, partial=True, context={"request": request})
        form.is_valid(raise_exception=True)
        user: Any = request.user
        charge_point_update(
            actor=user,
            charge_point=charge_point,
            changes=form.validated_data,
            address=request_address(request),
            now=utc_now(),
        )
        return Response(ChargePointSerializer(self.get_object()).data)

    @extend_schema(request=ChargePointChange, responses={200: ChargePointSerializer})
    def partial_update(self, request: Request, cp_id: str) -> Response:
        """The same as PUT."""
        return self.update(request, cp_id)

    @extend_schema(responses={204: None, 409: FaultSerializer})
    def destroy(self, request: Request, cp_id: str) -> Response:
        """Disconnect it: its connection ends, it stays registered and may come back. 409 without one."""
        return self._disconnect(request, "")

    @extend_schema(parameters=[PeriodQuery], responses={200: StatisticsSerializer}, filters=False)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def statistics(self, request: Request, cp_id: str) -> Response:
        """Sessions, energy, utilisation, availability, faults, peak power by period, and both uptimes."""
        query = PeriodQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        charge_point = self.get_object()
        rows = ChargePoint.objects.filter(pk=charge_point.pk)
        zone = zone_of(charge_point)
        return Response(
            statistics_answer(rows, query.validated_data, zone_name=zone, group_by="charge_point")
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, cp_id: str) -> Response:
        """Let a charge point serve that waits since its boot (OCPP status Pending)."""
        user: Any = request.user
        charge_point = self.get_object()
        charge_point_accept(charge_point=charge_point, actor=user, now=utc_now())
        boot_ask(charge_point=charge_point, requested_by=user, source="rest", now=utc_now())
        return Response(status=204)

    @extend_schema(
        request=DisconnectRequest,
        responses={204: None, 403: FaultSerializer, 404: FaultSerializer, 409: FaultSerializer},
    )
    @action(detail=True, methods=["post"], write_right=Right.SERVICE, filterset_class=None)
    def disconnect(self, request: Request, cp_id: str) -> Response:
        """Close its connection; it stays registered and may connect again. 409 where it is not connected."""
        form = DisconnectRequest(data=request.data)
        form.is_valid(raise_exception=True)
        return self._disconnect(request, form.validated_data["reason"])

    def _disconnect(self, request: Request, reason: str) -> Response:
        user: Any = request.user
        if not may(user, Right.OPERATE):
            raise Forbidden(_("Your role may not do this."))
        charge_point_disconnect(
            charge_point=self.get_object(),
            requested_by=user,
            reason=reason,
            remote_address=request_address(request),
            now=utc_now(),
        )
        return Response(status=204)


@extend_schema(tags=["charge points"])
class ChargePointSessionsViewSet(SessionViewSet):
    """Sessions of one charge point, newest first."""

    def get_queryset(self) -> QuerySet[Any]:
        """Its sessions; raises Http404 for a charge point that the caller does not see."""
        points = ChargePoint.objects.visible_to(self.request.user)
        return super().get_queryset().filter(charge_point=get_object_or_404(points, **self.kwargs))
