"""CDRs as REST tells them: with their price lines and why each is what it is."""

from typing import Any

from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.models import Cdr
from billing.models.cdr import CdrKind
from billing.services.summaries import cdr_conditions, line_reason, review_words
from emobility.lib.filters import within


class AmountSerializer(serializers.Serializer[Any]):
    """An amount without and with VAT, four decimals."""

    excl_vat = serializers.DecimalField(max_digits=14, decimal_places=4)
    incl_vat = serializers.DecimalField(max_digits=14, decimal_places=4)


class LineSerializer(AmountSerializer):
    """A price line: quantities in Wh or seconds, as measured and as billed; `why` in words."""

    dimension = serializers.CharField()
    quantity = serializers.CharField()
    billed = serializers.CharField()
    unit_price = serializers.CharField(allow_null=True)
    vat = serializers.CharField(allow_null=True)
    step_size = serializers.IntegerField()
    reason = serializers.CharField()
    element = serializers.IntegerField(allow_null=True, required=False)
    why = serializers.CharField()


class PeriodSerializer(serializers.Serializer[Any]):
    """A charging period: energy in Wh, times charging, parked and (if any) reserved in seconds."""

    start_date_time = serializers.DateTimeField()
    end_date_time = serializers.DateTimeField()
    energy_wh = serializers.CharField()
    time_s = serializers.CharField()
    parking_time_s = serializers.CharField()
    reservation_time_s = serializers.CharField(required=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """A reason for review: its code and its words."""

    code = serializers.CharField()
    text = serializers.CharField()


class CdrSerializer(serializers.ModelSerializer[Cdr]):
    """What an ended session came to."""

    id = serializers.CharField(source="cdr_id")
    session = serializers.UUIDField(source="session.uid")
    charge_point = serializers.CharField(source="session.charge_point.cp_id")
    credit_of = serializers.CharField(source="credit_of.cdr_id", default=None, allow_null=True)
    replaces = serializers.CharField(source="replaces.cdr_id", default=None, allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    total_cost = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()
    periods = PeriodSerializer(many=True)
    review_reasons = serializers.SerializerMethodField()

    class Meta:
        model = Cdr
        fields = (
            "id",
            "kind",
            "credit_of",
            "session",
            "charge_point",
            "started_at",
            "ended_at",
            "energy_wh",
            "total_time_s",
            "parking_time_s",
            "currency",
            "total_cost",
            "costs",
            "lines",
            "periods",
            "tariff",
            "replaces",
            "needs_review",
            "released_at",
            "review_reasons",
            "signed_data",
            "created_at",
        )

    @extend_schema_field(AmountSerializer)
    def get_total_cost(self, cdr: Cdr) -> dict[str, str]:
        """The total."""
        return {"excl_vat": str(cdr.total_cost_excl), "incl_vat": str(cdr.total_cost_incl)}

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, cdr: Cdr) -> list[dict[str, Any]]:
        """The price lines, each with its why."""
        words = cdr_conditions(cdr.tariff)
        return [
            line | {"why": line_reason(line, cdr.currency, words.get(line.get("element"), ""))}
            for line in cdr.lines
        ]

    @extend_schema_field(ReasonSerializer(many=True))
    def get_review_reasons(self, cdr: Cdr) -> list[dict[str, str]]:
        """Why a person has to look first."""
        return [{"code": reason, "text": review_words(reason)} for reason in cdr.review_reasons]


class CdrFilter(FilterSet):
    """Session (uid), charge point (cp_id), review, kind, and the end within [from, to)."""

    session = UUIDFilter(field_name="session__uid")
    charge_point = CharFilter(field_name="session__charge_point__cp_id")
    needs_review = BooleanFilter()
    kind = ChoiceFilter(choices=CdrKind.choices)


within(CdrFilter, "ended_at")
