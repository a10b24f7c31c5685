"""REST: sessions with their cost, and the meter values of each."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.models import MeterValue, Session
from central.models.session import SessionState
from central.ports import RunningCost, ports
from central.services.session_close import session_close
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from emobility.lib.display import masked
from emobility.lib.filters import WholeFilter, within
from emobility.lib.paging import StableCursorPagination
from emobility.lib.rows import QuickModelSerializer
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.models import ChargePoint
from registry.rights import Right, may


class CostSerializer(serializers.Serializer[Any]):
    """Amounts with four decimals, so far or in the end."""

    excl_vat = serializers.DecimalField(source="amount_excl", max_digits=14, decimal_places=4)
    incl_vat = serializers.DecimalField(source="amount_incl", max_digits=14, decimal_places=4)
    currency = serializers.CharField()
    as_of = serializers.DateTimeField()


class SessionSerializer(QuickModelSerializer[Session]):
    """A session: energy in Wh, power in W; `cost` is null where no tariff applies.

    The tag is masked for those who may only look.
    """

    charge_point = serializers.CharField(source="charge_point.cp_id")
    site = serializers.IntegerField(source="site_id", allow_null=True)
    evse = serializers.IntegerField(source="evse_number")
    connector = serializers.IntegerField(source="connector_number")
    id_tag = serializers.SerializerMethodField()
    cost = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = (
            "uid",
            "charge_point",
            "site",
            "evse",
            "connector",
            "transaction_id",
            "ocpp_version",
            "state",
            "charging_state",
            "id_tag",
            "authorization_status",
            "started_at",
            "ended_at",
            "energy_wh",
            "power_w",
            "state_of_charge",
            "meter_start_wh",
            "meter_last_wh",
            "meter_last_at",
            "meter_stop_wh",
            "stop_reason",
            "needs_review",
            "review_reasons",
            "updated_at",
            "cost",
        )

    def get_id_tag(self, session: Session) -> str:
        """Whole for those who operate."""
        whole = may(self.context["request"].user, Right.OPERATE)
        return session.id_tag if whole else masked(session.id_tag)

    @extend_schema_field(CostSerializer(allow_null=True))
    def get_cost(self, session: Session) -> Any:
        """What the session costs so far."""
        cost: RunningCost | None = self.context.get("costs", {}).get(session.pk)
        return None if cost is None else CostSerializer(cost).data


class SessionMeterValueSerializer(QuickModelSerializer[MeterValue]):
    """One moment: register in Wh, power in W, current in mA, voltage in mV, charge in percent."""

    class Meta:
        model = MeterValue
        fields = (
            "sampled_at",
            "received_at",
            "context",
            "register_wh",
            "power_w",
            "current_ma",
            "voltage_mv",
            "state_of_charge",
            "flags",
        )


class CloseRequest(serializers.Serializer[Any]):
    """Why, for the audit trail."""

    reason = serializers.CharField(max_length=200)


class SessionFilter(FilterSet):
    """Charge point (cp_id), transaction, state, site, and the start within [from, to)."""

    charge_point = CharFilter(field_name="charge_point__cp_id")
    transaction_id = CharFilter()
    state = ChoiceFilter(choices=SessionState.choices)
    site = WholeFilter(field_name="site_id")
    needs_review = BooleanFilter()


within(SessionFilter, "started_at")


class CurvePagination(StableCursorPagination):
    """Meter values in the order of time."""

    ordering = "sampled_at"
    page_size = 200
    max_page_size = 1000


COLUMNS = {field.name for field in Session._meta.fields}  # noqa: SLF001 -- Django's documented name
PLACED = ("site", "charge_point", "evse_number", "connector_number", "id_tag")
SHOWN = (*(name for name in SessionSerializer.Meta.fields if name in COLUMNS), *PLACED)
"""What a list reads of its rows: whole rows would double the work of a page."""
NAMED = Prefetch("charge_point", ChargePoint.objects.only("cp_id"))
"""Each charge point of a page once, however many of its sessions stand there."""


@extend_schema(tags=["sessions"])
class SessionViewSet(ScopedViewSet):
    """Sessions of your organisation, newest first."""

    queryset = Session.objects.select_related("charge_point")
    serializer_class = SessionSerializer
    permission_classes = [RightPermission]
    filterset_class = SessionFilter
    ordering_fields = ("started_at", "ended_at", "energy_wh", "updated_at")
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-fA-F-]{32,36}"

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page, its costs asked at once."""
        found = self.get_queryset().select_related(None).prefetch_related(NAMED).only(*SHOWN)
        rows = self.paginate_queryset(self.filter_queryset(found)) or []
        serializer = SessionSerializer(rows, many=True, context=self._context(rows))
        return self.get_paginated_response(serializer.data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One session with its cost."""
        session = self._session()
        return Response(SessionSerializer(session, context=self._context([session])).data)

    @extend_schema(responses=SessionMeterValueSerializer(many=True), filters=False)
    @action(detail=True, url_path="meter-values", pagination_class=CurvePagination, filterset_class=None)
    def meter_values(self, request: Request, uid: str) -> Response:
        """The session's meter values in the order of time."""
        rows = MeterValue.objects.filter(session_id=self._session().pk)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(SessionMeterValueSerializer(page or [], many=True).data)

    @extend_schema(
        request=CloseRequest,
        responses={200: SessionSerializer, 400: FaultSerializer, 403: FaultSerializer, 409: FaultSerializer},
        examples=[
            OpenApiExample("Example", value={"reason": "The charger burnt down."}, request_only=True),
        ],
    )
    @action(detail=True, methods=["post"], write_right=Right.OPERATE, filterset_class=None)
    def close(self, request: Request, uid: str) -> Response:
        """End it at its last meter value, where the charge point will not report an end; held for review."""
        form = CloseRequest(data=request.data)
        form.is_valid(raise_exception=True)
        user: Any = request.user
        session = session_close(
            session=self._session(),
            reason=form.validated_data["reason"],
            requested_by=user,
            remote_address=request_address(request),
            now=utc_now(),
        )
        return Response(SessionSerializer(session, context=self._context([session])).data)

    def _session(self) -> Session:
        try:
            session: Session = self.get_object()
        except (ValueError, TypeError) as error:
            raise Http404 from error
        return session

    def _context(self, rows: Sequence[Session]) -> dict[str, Any]:
        costs = ports.running_cost([session.pk for session in rows]) if rows else {}
        return {**self.get_serializer_context(), "costs": costs}
