"""REST: the logs that charge points brought to us, and their files."""

from typing import Any

from django_filters import CharFilter, FilterSet, IsoDateTimeFilter, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from central.api.log_file import log_file_answer
from central.api.records import resource
from central.models import LogUpload
from emobility.lib.api import ScopedViewSet
from registry.api.base import FaultSerializer
from registry.api.exports import AnyKind
from registry.api.rights import RightPermission
from registry.rights import Right


class BroughtLogSerializer(serializers.ModelSerializer[LogUpload]):
    """An address for one log and what came of it; `job` is the id at /api/log-uploads/."""

    charge_point = serializers.CharField(source="job.charge_point.cp_id")

    class Meta:
        model = LogUpload
        fields = (
            "id",
            "job",
            "charge_point",
            "expires_at",
            "name",
            "size",
            "sha256",
            "brought_at",
            "removed_at",
        )


class BroughtLogFilter(FilterSet):
    """Charge point (cp_id), job, and the time at which it was brought within [from, to)."""

    charge_point = CharFilter(field_name="job__charge_point__cp_id")
    job = NumberFilter(field_name="job_id")
    to = IsoDateTimeFilter(field_name="brought_at", lookup_expr="lt")


# `from` is a word of Python's, so it cannot be a name in the class.
BroughtLogFilter.base_filters["from"] = IsoDateTimeFilter(field_name="brought_at", lookup_expr="gte")


@extend_schema(tags=["logs of charge points"])
class BroughtLogViewSet(ScopedViewSet):
    """Logs that your charge points brought or are asked to bring, newest first."""

    queryset = LogUpload.objects.select_related("job__charge_point")
    serializer_class = BroughtLogSerializer
    permission_classes = [RightPermission]
    see_right = Right.INSPECT
    filterset_class = BroughtLogFilter
    lookup_value_regex = "[0-9]+"

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: FaultSerializer})
    @action(detail=True, content_negotiation_class=AnyKind)
    def file(self, request: Request, pk: str) -> Any:
        """The file, as an attachment of no particular type."""
        upload: Any = self.get_object()
        return log_file_answer(upload, request)


resource("brought-logs", BroughtLogViewSet)
