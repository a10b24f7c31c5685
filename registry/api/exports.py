"""REST: tables as files, at once (CSV, JSON lines) or in the background (XLSX and PDF too)."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import Invalid
from emobility.lib.exports import FORMS, export_response
from emobility.lib.file_answers import file_answer
from registry.api.base import FaultSerializer
from registry.api.export_tables import TABLES, Exportable, export_rows, export_table, report_check
from registry.models import ExportJob
from registry.models.export_job import ExportForm
from registry.rights import Right, may
from registry.services.export_jobs import (
    export_job_cancel,
    export_job_create,
    export_job_fetched,
    export_record,
)

FAULTS = {400: FaultSerializer, 403: FaultSerializer, 429: FaultSerializer}


class AnyKind(BaseContentNegotiation):
    """A file is what the address says, whatever the client says that it accepts."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first one."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first one: refusals are JSON."""
        return renderers[0], renderers[0].media_type


class ExportableSerializer(serializers.Serializer[Any]):
    """A table that can be exported."""

    name = serializers.CharField()
    title = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField())
    filters = serializers.ListField(child=serializers.CharField())


class ExportTablesView(APIView):
    """What can be exported, with its columns and filters."""

    @extend_schema(tags=["exports"], responses=ExportableSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The tables that you may take."""
        told = [_told(table) for table in TABLES.values() if may(request.user, table.right)]
        return Response(ExportableSerializer(told, many=True).data)


def _told(table: Exportable) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "formats": table.forms,
        "columns": list(table.columns),
        "filters": sorted(table.filterset.base_filters),
    }


class ExportView(GenericAPIView):  # type: ignore[type-arg]
    """One table as a download; subclasses name it."""

    content_negotiation_class = AnyKind
    table: str
    form: str

    def send(self, request: Request) -> StreamingHttpResponse:
        """The rows, sent as they are read."""
        user: Any = request.user
        table = export_table(self.table, user)
        query = request.META.get("QUERY_STRING", "")
        rows = export_rows(table, user, query=query)
        response = export_response(table.table(rows, user), self.form, owner=str(user.organization_id or ""))
        export_record(
            actor=user, table=self.table, form=self.form, query=query, verb="streamed", now=timezone.now()
        )
        return response


def export_view(table: Exportable, form: str) -> type[ExportView]:
    """The view of one table in one format, with its filters described."""
    manager: Any = table.model._default_manager  # noqa: SLF001 -- Django's documented name
    name = f"{table.model.__name__}{form.capitalize()}ExportView"

    @extend_schema(
        tags=["exports"],
        summary=f"{table.title}: {form.upper()}",
        description=f"All rows that you may see and the filter leaves. Columns: {', '.join(table.columns)}.",
        operation_id=f"exports_{table.name.replace('-', '_')}_{form}",
        filters=True,
        responses={
            (200, FORMS[form].partition(";")[0]): OpenApiResponse(
                OpenApiTypes.BINARY, description="The file."
            ),
            **FAULTS,
        },
    )
    def get(view: ExportView, request: Request) -> StreamingHttpResponse:
        return view.send(request)

    body = {
        "__doc__": ExportView.__doc__,
        "table": table.name,
        "form": form,
        "queryset": manager.none(),
        "filterset_class": table.filterset,
        "serializer_class": serializers.Serializer,
        "get": get,
    }
    return type(name, (ExportView,), body)


class ExportJobSerializer(serializers.ModelSerializer[ExportJob]):
    """An export in the background; `file` is where it can be fetched until `expires_at`."""

    format = serializers.CharField(source="form")
    filter = serializers.CharField(source="query")
    file = serializers.SerializerMethodField()

    class Meta:
        model = ExportJob
        fields = (
            "uid",
            "actor",
            "table",
            "format",
            "filter",
            "state",
            "rows",
            "expected",
            "size",
            "error",
            "created_at",
            "started_at",
            "finished_at",
            "expires_at",
            "file",
        )

    def get_file(self, job: ExportJob) -> str | None:
        """The address of the file, once it is there."""
        return f"/api/export-jobs/{job.uid}/file/" if job.file else None


class ExportOrder(serializers.Serializer[Any]):
    """What to export: `filter` holds the query parameters of /api/exports/<table>.csv."""

    table = serializers.CharField(max_length=50)
    format = serializers.ChoiceField(choices=ExportForm.choices)
    filter = serializers.CharField(max_length=2000, default="", allow_blank=True)


@extend_schema(tags=["exports"])
class ExportJobViewSet(mixins.CreateModelMixin, ScopedViewSet):
    """Exports in the background: yours, and for admins those of the organisation."""

    queryset = ExportJob.objects.all()
    serializer_class = ExportJobSerializer
    permission_classes: Any = []
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-f-]{36}"

    def check_permissions(self, request: Request) -> None:
        """Whoever is known to an organisation; each table has its own right."""
        if not may(request.user, Right.SEE):
            self.permission_denied(request)

    @extend_schema(
        request=ExportOrder,
        responses={202: ExportJobSerializer, 404: FaultSerializer, **FAULTS},
        examples=[
            OpenApiExample(
                "Sessions of March",
                {
                    "table": "sessions",
                    "format": "xlsx",
                    "filter": "from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z",
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Order an export."""
        form = ExportOrder(data=request.data)
        form.is_valid(raise_exception=True)
        values: Any = form.validated_data
        job = order_export(
            actor=request.user,
            table=values["table"],
            form=values["format"],
            query=values["filter"],
            now=timezone.now(),
        )
        return Response(ExportJobSerializer(job).data, status=202)

    @extend_schema(request=None, responses={200: ExportJobSerializer, 409: FaultSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str) -> Response:
        """End an export that waits or is under way."""
        job: Any = self.get_object()
        export_job_cancel(job=job, actor=request.user, now=timezone.now())
        job.refresh_from_db()
        return Response(ExportJobSerializer(job).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: FaultSerializer})
    @action(detail=True, content_negotiation_class=AnyKind)
    def file(self, request: Request, uid: str) -> Any:
        """The file, until its time is over."""
        return fetch_export(self.get_object(), request)


def order_export(
    *, actor: Any, table: str, form: str, query: str, source: str = "rest", now: Any
) -> ExportJob:
    """Check the wish as far as that can be done at once, and queue it."""
    chosen = export_table(table, actor)
    if form not in chosen.forms:
        raise Invalid("This table has no such format.", {"format": f"One of {', '.join(chosen.forms)}."})
    rows = export_rows(chosen, actor, query=query, source=source)
    if form == "pdf":
        report_check(rows)
    return export_job_create(actor=actor, table=table, form=form, query=query, source=source, now=now)


def fetch_export(job: ExportJob, request: Any) -> Any:
    """The file of a job as a download, noted in the audit trail.

    Raises NotFound, and Forbidden for who may not see such rows any more.
    """
    export_table(job.table, request.user)
    export_job_fetched(job=job, actor=request.user, now=timezone.now())
    name = f"{job.table}-{job.created_at:%Y%m%d-%H%M}.{job.form}"
    return file_answer(job.file, name=name, request=request)
