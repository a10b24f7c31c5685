"""`POST /api/imports/charge-points`: charge points in bulk; their passwords stand in this one answer."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from emobility.lib.credentials_file import credentials_file
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.importing import ImportView, PlannedSerializer
from registry.rights import Right
from registry.services.charge_point_imports import (
    COLUMNS,
    REQUIRED,
    charge_points_import,
    charge_points_plan,
)


class ImportedSerializer(serializers.Serializer[Any]):
    """A charge point that was made."""

    cp_id = serializers.CharField()
    password = serializers.CharField()


class ChargePointImportView(ImportView):
    """Charge points in bulk."""

    columns, required = COLUMNS, REQUIRED
    write_right = Right.ENROL

    @extend_schema(
        request={"text/csv": bytes, "application/json": dict},
        parameters=[
            OpenApiParameter("preview", bool),
            OpenApiParameter("as", str, description="csv: the credentials as a file"),
            OpenApiParameter("organization", str),
        ],
        responses={
            200: PlannedSerializer(many=True),
            201: ImportedSerializer(many=True),
            400: FaultSerializer,
            403: FaultSerializer,
            409: FaultSerializer,
        },
        tags=["imports"],
    )
    def post(self, request: Request) -> Response | HttpResponse:
        """Preview (200), or make them (201). Ids that are yours already stay; one fault stops all."""
        user: Any = request.user
        organization, rows = self.organization(request), self.rows(request)
        if self.preview(request):
            planned = charge_points_plan(actor=user, organization=organization, rows=rows)
            return Response(PlannedSerializer(planned, many=True).data)
        made = charge_points_import(
            actor=user,
            organization=organization,
            rows=rows,
            address=request_address(request),
            now=timezone.now(),
        )
        if request.query_params.get("as") == "csv":
            return credentials_file([(each.cp_id, each.password) for each in made], status=201)
        body = ImportedSerializer(made, many=True).data
        return Response(body, status=201, headers={"Cache-Control": "no-store"})
