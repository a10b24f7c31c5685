"""REST: where tariffs apply and for whom; put in force, ended, read."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import BooleanFilter, CharFilter, FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.assignment_fields import ConnectorField, PartyField
from billing.models import Tariff, TariffAssignment
from billing.services.assignment_words import place_words, whom_words
from billing.services.tariffs import tariff_assign, tariff_assignment_end
from central.api.own_rows import OwnRelated
from central.models import IdTokenGroup
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from emobility.lib.errors import Invalid
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.models import ChargePoint, Site
from registry.rights import Right
from registry.services.audit import audit_record

EXAMPLE = {"tariff": "NIGHT", "site": 7, "group": "FLEET", "valid_from": "2026-04-01T00:00:00Z"}


def _optional(model: Any, slug: str) -> OwnRelated:
    return OwnRelated(slug_field=slug, queryset=model.objects.all(), required=False, allow_null=True)


class AssignmentSerializer(serializers.ModelSerializer[TariffAssignment]):
    """One place (none: all of the organisation) and one audience (none: everybody), from when until when.

    `tariff` is its OCPI id, `group` the uid of a group of tags, `party` a partner such as NL-TNM.
    """

    tariff = OwnRelated(slug_field="tariff_id", queryset=Tariff.objects.all())
    site = _optional(Site, "id")
    charge_point = _optional(ChargePoint, "cp_id")
    connector = ConnectorField(required=False, allow_null=True)
    group = OwnRelated(
        source="token_group",
        slug_field="uid",
        queryset=IdTokenGroup.objects.all(),
        required=False,
        allow_null=True,
    )
    party = PartyField(required=False, allow_null=True)
    where = serializers.SerializerMethodField()
    whom = serializers.SerializerMethodField()

    class Meta:
        model = TariffAssignment
        fields = (
            "id",
            "tariff",
            "site",
            "charge_point",
            "connector",
            "group",
            "party",
            "where",
            "whom",
            "valid_from",
            "valid_until",
            "created_at",
        )
        read_only_fields = ("created_at",)
        extra_kwargs: dict[str, dict[str, Any]] = {"valid_from": {"required": False}}

    def get_where(self, row: TariffAssignment) -> str:
        """Where, in words."""
        return place_words(row)

    def get_whom(self, row: TariffAssignment) -> str:
        """For whom, in words."""
        return whom_words(row)


class AssignmentFilter(FilterSet):
    """Tariff (OCPI id), charge point (cp_id), site, group (uid), and whether it holds now."""

    tariff = CharFilter(field_name="tariff__tariff_id")
    charge_point = CharFilter(method="at_charge_point")
    site = CharFilter(field_name="site_id", method="at_site")
    group = CharFilter(field_name="token_group__uid")
    in_force = BooleanFilter(method="holds_now")

    def at_charge_point(self, rows: Any, name: str, value: str) -> Any:
        """At the charge point or one of its connectors."""
        return rows.filter(Q(charge_point__cp_id=value) | Q(connector__charge_point__cp_id=value))

    def at_site(self, rows: Any, name: str, value: str) -> Any:
        """At the site itself."""
        known = value.isascii() and value.isdecimal() and len(value) < 19
        return rows.filter(site_id=int(value)) if known else rows.none()

    def holds_now(self, rows: Any, name: str, value: bool) -> Any:
        """Those that hold now, or those that do not."""
        now = utc_now()
        holds = Q(valid_from__lte=now) & (Q(valid_until=None) | Q(valid_until__gt=now))
        return rows.filter(holds if value else ~holds)


@extend_schema(tags=["tariff assignments"])
class AssignmentViewSet(ScopedViewSet):
    """Where the tariffs of your organisation apply. One that is over stays: it prices its time."""

    queryset: QuerySet[Any] = TariffAssignment.objects.with_names()
    serializer_class = AssignmentSerializer
    permission_classes = [RightPermission]
    filterset_class = AssignmentFilter
    ordering_fields = ("valid_from", "valid_until")
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(
        request=AssignmentSerializer,
        responses={201: AssignmentSerializer, 400: FaultSerializer},
        examples=[OpenApiExample("A fleet's night tariff at a site", value=EXAMPLE, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Put a tariff in force; without `valid_from` from now on."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        organization = getattr(request.user, "organization", None)
        if organization is None:
            raise Invalid("A tariff belongs to an organisation, and this account has none.")
        made = tariff_assign(organization=organization, now=utc_now(), **form.validated_data)
        self._audit("assigned", made)
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(request=None, responses={200: AssignmentSerializer, 403: FaultSerializer})
    @action(detail=True, methods=["post"], write_right=Right.MANAGE, filterset_class=None)
    def end(self, request: Request, pk: str) -> Response:
        """End it now. Sessions that began before keep their tariff; one that had not begun never holds."""
        row = self.get_object()
        tariff_assignment_end(assignment=row, now=utc_now())
        self._audit("assignment_ended", row)
        return Response(self.get_serializer(row).data)

    def _audit(self, verb: str, row: TariffAssignment) -> None:
        user: Any = self.request.user
        audit_record(
            actor=user,
            action=f"tariff.{verb}",
            organization_id=row.organization_id,
            object_type="tariff",
            object_id=str(row.tariff_id),
            after={"name": row.tariff.name, "place": place_words(row), "whom": whom_words(row)},
            remote_address=request_address(self.request),
            now=utc_now(),
        )
