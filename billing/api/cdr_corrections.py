"""REST: CDRs; one that is out is corrected by a credit and, where anything is billed, a replacement."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.cdrs import CdrFilter, CdrSerializer
from billing.api.reviews import ReviewSerializer, repair_of
from billing.models import Cdr
from billing.services.review_decisions import Act, cdr_correct
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.rights import Right


class CorrectionRequest(serializers.Serializer[Any]):
    """Why, and what counts instead; `nothing`: bill nothing, then the other values are not needed."""

    reason = serializers.CharField(max_length=200)
    nothing = serializers.BooleanField(default=False)
    energy_wh = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)


@extend_schema(tags=["cdrs"])
class CdrViewSet(ScopedViewSet):
    """CDRs of your organisation, newest first; nobody changes them."""

    queryset = Cdr.objects.select_related("session__charge_point", "credit_of", "replaces").prefetch_related(
        "reviews"
    )
    serializer_class = CdrSerializer
    permission_classes = [RightPermission]
    lookup_field = "cdr_id"
    lookup_value_regex = "[^/]+"
    filterset_class = CdrFilter
    ordering_fields = ("ended_at", "energy_wh")

    @extend_schema(
        request=CorrectionRequest,
        responses={200: ReviewSerializer, 400: FaultSerializer, 403: FaultSerializer, 409: FaultSerializer},
        examples=[
            OpenApiExample(
                "Bill nothing",
                value={"reason": "The driver could not charge.", "nothing": True},
                request_only=True,
            ),
        ],
    )
    @action(detail=True, methods=["post"], write_right=Right.MANAGE, filterset_class=None)
    def correct(self, request: Request, cdr_id: str) -> Response:
        """Credit a CDR that is out and, unless nothing is billed, replace it; partners get both."""
        form = CorrectionRequest(data=request.data)
        form.is_valid(raise_exception=True)
        user: Any = request.user
        values = form.validated_data
        review = cdr_correct(
            cdr=self.get_object(),
            repair=None if values["nothing"] else repair_of(values),
            act=Act(user, values["reason"], request_address(request)),
            now=utc_now(),
        )
        return Response(ReviewSerializer(review, context=self.get_serializer_context()).data)
