"""REST: a tariff tried on a session, as `manage.py price_cdr` does it; nothing is stored."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.services.native_prices import VERSIONS, priced_native, version_told
from billing.services.pricing import cdr_priced
from emobility.lib.errors import Invalid
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.rights import Right

TARIFF = {
    "currency": "EUR",
    "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "vat": 10, "step_size": 1}]}],
}
CDR = {
    "currency": "EUR",
    "start_date_time": "2026-01-13T14:30:00Z",
    "end_date_time": "2026-01-13T15:30:00Z",
    "charging_periods": [
        {"start_date_time": "2026-01-13T14:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 20}]}
    ],
}
EXAMPLE = {"tariff": TARIFF, "cdr": CDR, "time_zone": "Europe/Berlin", "lint": True}
LINE = {
    "period": 0,
    "start_date_time": "2026-01-13T14:30:00Z",
    "end_date_time": "2026-01-13T15:30:00Z",
    "dimension": "ENERGY",
    "part_of": "total_energy_cost",
    "element": 0,
    "unit": "kWh",
    "quantity": 20,
    "billed": 20,
    "unit_price": 0.25,
    "vat": 10,
    "step_size": 1,
    "excl_vat": 5,
    "incl_vat": 5.5,
    "reason": "measured",
    "why": "20 kWh at 0.25 EUR/kWh",
}
ANSWER = {
    "currency": "EUR",
    "total_cost": {"excl_vat": 5, "incl_vat": 5.5},
    "total_fixed_cost": {"excl_vat": 0, "incl_vat": 0},
    "total_energy_cost": {"excl_vat": 5, "incl_vat": 5.5},
    "total_time_cost": {"excl_vat": 0, "incl_vat": 0},
    "total_parking_cost": {"excl_vat": 0, "incl_vat": 0},
    "total_reservation_cost": {"excl_vat": 0, "incl_vat": 0},
    "total_energy": 20,
    "total_time": 1,
    "total_parking_time": 0,
    "lines": [LINE],
    "warnings": [],
    "lint": [],
}
REFUSAL = {
    "code": "invalid",
    "detail": "This cannot be priced.",
    "fields": {"tariff.elements.0.price_components.0.price": "A number from 0 to 1000000 ... is needed."},
}


class PriceRequestSerializer(serializers.Serializer[Any]):
    """An OCPI Tariff and an OCPI CDR (2.1.1, 2.2.1 or 2.3.0) as they are."""

    tariff = serializers.JSONField()
    cdr = serializers.JSONField()
    time_zone = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
    native = serializers.BooleanField(required=False, default=False)
    version = serializers.ChoiceField(VERSIONS, required=False)
    lint = serializers.BooleanField(required=False, default=False)


class PriceSerializer(serializers.Serializer[Any]):
    """A cost without and with VAT."""

    excl_vat = serializers.FloatField()
    incl_vat = serializers.FloatField()


class PriceLineSerializer(PriceSerializer):
    """A cost line of one period and dimension, and its reason; quantities in `unit`."""

    period = serializers.IntegerField(allow_null=True)
    start_date_time = serializers.DateTimeField(allow_null=True)
    end_date_time = serializers.DateTimeField(allow_null=True)
    dimension = serializers.CharField()
    part_of = serializers.CharField()
    element = serializers.IntegerField(allow_null=True)
    unit = serializers.CharField()
    quantity = serializers.FloatField()
    billed = serializers.FloatField()
    unit_price = serializers.FloatField(allow_null=True)
    vat = serializers.FloatField(allow_null=True)
    step_size = serializers.IntegerField()
    reason = serializers.CharField()
    why = serializers.CharField()


class LintSerializer(serializers.Serializer[Any]):
    """Something odd about a tariff."""

    code = serializers.CharField()
    field = serializers.CharField()
    text = serializers.CharField()


class PriceAnswerSerializer(serializers.Serializer[Any]):
    """What it comes to. With `native` the totals have the form of the OCPI version."""

    currency = serializers.CharField()
    total_cost = PriceSerializer()
    total_fixed_cost = PriceSerializer()
    total_energy_cost = PriceSerializer()
    total_time_cost = PriceSerializer()
    total_parking_cost = PriceSerializer()
    total_reservation_cost = PriceSerializer()
    total_energy = serializers.FloatField(help_text="kWh")
    total_time = serializers.FloatField(help_text="hours")
    total_parking_time = serializers.FloatField(help_text="hours")
    lines = PriceLineSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    lint = LintSerializer(many=True, required=False)


class PriceView(APIView):
    """Tries a tariff on a session; for everybody who may see tariffs."""

    permission_classes = [RightPermission]
    see_right = Right.SEE
    write_right = Right.SEE

    @extend_schema(
        tags=["tariffs"],
        operation_id="tariffs_price",
        summary="Price a CDR by a tariff",
        request=PriceRequestSerializer,
        responses={200: PriceAnswerSerializer, 400: FaultSerializer},
        examples=[
            OpenApiExample("20 kWh", value=EXAMPLE, request_only=True),
            OpenApiExample("20 kWh at 0.25", value=ANSWER, response_only=True, status_codes=["200"]),
            OpenApiExample("Price below zero", value=REFUSAL, response_only=True, status_codes=["400"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """The totals, a line for each period and dimension, and why each is what it is."""
        if not isinstance(request.data, dict):
            raise Invalid("An object is needed.", fields={"tariff": "missing", "cdr": "missing"})
        asked = PriceRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        tariff, cdr = values["tariff"], values["cdr"]
        body = cdr_priced(tariff=tariff, cdr=cdr, time_zone=values["time_zone"], lint=values["lint"])
        if values["native"]:
            body = priced_native(body, values.get("version") or version_told(tariff, cdr))
        return Response(body)
