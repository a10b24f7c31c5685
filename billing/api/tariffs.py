"""REST: tariffs with their versions (OCPI structure) and what they charge in words."""

from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from billing.api.prices import LintSerializer
from billing.models import Tariff, TariffVersion
from billing.services.summaries import tariff_summary
from billing.services.tariff_lint import tariff_lint
from billing.services.tariffs import version_structure
from emobility.lib.api import ScopedViewSet
from registry.api.rights import RightPermission


class VersionSerializer(serializers.ModelSerializer[TariffVersion]):
    """One version: it charges from `valid_from` until `valid_until` or a later version."""

    summary = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta:
        model = TariffVersion
        fields = (
            "number",
            "summary",
            "currency",
            "elements",
            "min_price",
            "max_price",
            "tariff_type",
            "tax_included",
            "warnings",
            "valid_from",
            "valid_until",
        )

    def get_summary(self, version: TariffVersion) -> str:
        """What it charges, in words."""
        return tariff_summary(version_structure(version))

    @extend_schema_field(LintSerializer(many=True))
    def get_warnings(self, version: TariffVersion) -> list[dict[str, str]]:
        """What is odd about it."""
        return [each.as_json() for each in tariff_lint(version_structure(version))]


class TariffSerializer(serializers.ModelSerializer[Tariff]):
    """A tariff; newest version first."""

    versions = serializers.SerializerMethodField()

    class Meta:
        model = Tariff
        fields = ("id", "tariff_id", "name", "updated_at", "versions")

    @extend_schema_field(VersionSerializer(many=True))
    def get_versions(self, tariff: Tariff) -> Any:
        """All its versions."""
        return VersionSerializer(tariff.versions.all(), many=True).data


@extend_schema(tags=["tariffs"])
class TariffViewSet(ScopedViewSet):
    """Tariffs of your organisation."""

    queryset = Tariff.objects.prefetch_related(
        Prefetch("versions", queryset=TariffVersion.objects.order_by("-number"))
    )
    serializer_class = TariffSerializer
    permission_classes = [RightPermission]
    filterset_fields = ("tariff_id",)
