"""REST: groups of id tokens: who belongs together, where and when they may charge, and how much."""

from typing import Any

from django.utils.translation import gettext as _
from django_filters import BooleanFilter, CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.own_rows import OwnRelated, OwnRowsViewSet
from central.api.records import resource
from central.api.resources.id_tokens import uid_taken
from central.models import IdTokenGroup
from central.models.id_token import BudgetPeriod
from central.services.budgets import Budget, group_budgets
from central.services.token_hours import hours_clean
from emobility.lib.clock import utc_now
from emobility.lib.errors import Invalid
from registry.models import Site
from registry.rights import Right

MOST_WH = 10**15


class IdTokenGroupSerializer(serializers.ModelSerializer[IdTokenGroup]):
    """A group: its tokens may stop each other's sessions, and share limits.

    Empty `sites` mean everywhere, empty `hours` at any time: "Mon-Fri 07:00-19:00, Sat 09:00-12:00", in the
    time zone of the place. Budgets in Wh and in money incl. VAT (the organisation's currency); null: none.
    """

    sites = OwnRelated(slug_field="id", queryset=Site.objects.all(), many=True, required=False)

    class Meta:
        model = IdTokenGroup
        fields = (
            "id",
            "uid",
            "name",
            "blocked",
            "sites",
            "hours",
            "energy_budget_wh",
            "energy_period",
            "money_budget",
            "money_period",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        extra_kwargs: dict[str, dict[str, Any]] = {
            "energy_budget_wh": {"min_value": 0, "max_value": MOST_WH},
            "money_budget": {"min_value": 0},
        }

    def validate_uid(self, uid: str) -> str:
        """Raise ValidationError for a uid that another group of the organisation has."""
        if uid_taken(self, uid=uid):
            raise serializers.ValidationError(_("Another group has this uid."))
        return uid

    def validate_hours(self, hours: str) -> str:
        """The hours in their one form. Raise ValidationError for what is not understood."""
        try:
            return hours_clean(hours)
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error


class BudgetSerializer(serializers.Serializer[Any]):
    """A budget in its present period: Wh, or money incl. VAT in `currency`; running sessions count."""

    period = serializers.ChoiceField(choices=BudgetPeriod.choices)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    unit = serializers.SerializerMethodField()
    limit = serializers.DecimalField(max_digits=20, decimal_places=4)
    used = serializers.DecimalField(max_digits=20, decimal_places=4)
    left = serializers.DecimalField(max_digits=20, decimal_places=4)
    is_used_up = serializers.BooleanField()

    def get_unit(self, budget: Budget) -> str:
        """Wh, or the currency."""
        return budget.currency or "Wh"


class IdTokenGroupFilter(FilterSet):
    """Uid and blocked."""

    uid = CharFilter()
    blocked = BooleanFilter()


@extend_schema(tags=["id token groups"])
class IdTokenGroupViewSet(OwnRowsViewSet):
    """Groups of id tokens; the tokens of a deleted one stay."""

    queryset = IdTokenGroup.objects.prefetch_related("sites")
    serializer_class = IdTokenGroupSerializer
    see_right = Right.INSPECT
    write_right = Right.OPERATE
    filterset_class = IdTokenGroupFilter
    ordering_fields = ("uid",)
    audited = (
        "uid",
        "name",
        "blocked",
        "hours",
        "energy_budget_wh",
        "energy_period",
        "money_budget",
        "money_period",
    )

    @extend_schema(responses={200: BudgetSerializer(many=True)})
    @action(detail=True, pagination_class=None, filterset_class=None)
    def usage(self, request: Request, pk: str = "") -> Response:
        """What is used of each budget in the period that runs now."""
        return Response(BudgetSerializer(group_budgets(self.get_object(), utc_now()), many=True).data)


resource("id-token-groups", IdTokenGroupViewSet)
