"""REST: tariffs in and out as OCPI objects."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.api.prices import TARIFF
from billing.models import TariffVersion
from billing.selectors.tariffs_in_force import valid_version
from billing.services.tariff_imports import tariff_import
from billing.services.tariff_lint import tariff_lint
from billing.services.tariffs import version_ocpi, version_structure
from emobility.lib.clock import utc_now
from emobility.lib.errors import Invalid, NotFound
from registry.api.rights import RightPermission
from registry.rights import Right


class ImportSerializer(serializers.Serializer[Any]):
    """An OCPI Tariff as it is; `name` for people, else its text or id."""

    tariff = serializers.JSONField()
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)


class TariffImportView(APIView):
    """Takes over an OCPI tariff for your organisation."""

    permission_classes = [RightPermission]
    see_right = Right.MANAGE
    write_right = Right.MANAGE

    @extend_schema(
        tags=["tariffs"],
        operation_id="tariffs_import",
        summary="Import an OCPI tariff: a new one, or a new version of the one with its id",
        request=ImportSerializer,
        responses={201: OpenApiResponse(description="Its id, number of its version, what is odd about it")},
        examples=[
            OpenApiExample("New", value={"tariff": {"id": "DAY"} | TARIFF, "name": "Day"}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        """Its version; it is in force nowhere until somebody puts it there."""
        asked = ImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user: Any = request.user
        if user.organization is None:
            raise Invalid("A tariff belongs to an organisation, and this account has none.")
        version = tariff_import(
            organization=user.organization,
            data=asked.validated_data["tariff"],
            name=asked.validated_data["name"],
            actor=user,
            now=utc_now(),
        )
        warnings = [each.as_json() for each in tariff_lint(version_structure(version))]
        body = {"id": version.tariff_id, "tariff_id": version.tariff.tariff_id, "number": version.number}
        return Response(body | {"warnings": warnings}, status=201)


class TariffExportView(APIView):
    """The version that is valid now, as partners see it."""

    permission_classes = [RightPermission]
    see_right = Right.SEE

    @extend_schema(
        tags=["tariffs"],
        operation_id="tariffs_export",
        summary="Export a tariff as an OCPI 2.2.1 Tariff",
        responses={200: OpenApiResponse(description="An OCPI Tariff object")},
    )
    def get(self, request: Request, pk: str) -> Response:
        """The OCPI object; the latest version where none is valid now."""
        rows = TariffVersion.objects.visible_to(request.user).select_related("tariff__organization")
        versions = list(rows.filter(tariff_id=int(pk)).order_by("-number"))
        if not versions:
            raise NotFound("There is no such tariff.")
        return Response(version_ocpi(valid_version(versions, utc_now()) or versions[0]))
