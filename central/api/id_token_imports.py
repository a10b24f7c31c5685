"""`POST /api/imports/id-tokens`: tags in bulk, made, changed and blocked by uid."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from central.services.id_token_imports import COLUMNS, REQUIRED, id_tokens_import, id_tokens_plan
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.importing import ImportView, PlannedSerializer
from registry.rights import Right


class CountsSerializer(serializers.Serializer[Any]):
    """How many rows were new, changed, and as they were."""

    new = serializers.IntegerField()
    change = serializers.IntegerField()
    same = serializers.IntegerField()


class IdTokenImportView(ImportView):
    """Id tokens in bulk."""

    columns, required = COLUMNS, REQUIRED
    write_right = Right.OPERATE

    @extend_schema(
        request={"text/csv": bytes, "application/json": dict},
        parameters=[OpenApiParameter("preview", bool), OpenApiParameter("organization", str)],
        responses={200: CountsSerializer, 400: FaultSerializer, 403: FaultSerializer},
        tags=["imports"],
    )
    def post(self, request: Request) -> Response:
        """Preview, or do it: tags are made or changed by uid; one fault stops all."""
        user: Any = request.user
        organization, rows = self.organization(request), self.rows(request)
        if self.preview(request):
            planned = id_tokens_plan(actor=user, organization=organization, rows=rows)
            return Response(PlannedSerializer(planned, many=True).data)
        counts = id_tokens_import(
            actor=user,
            organization=organization,
            rows=rows,
            address=request_address(request),
            now=timezone.now(),
        )
        return Response(CountsSerializer(counts).data)
