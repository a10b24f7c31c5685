"""REST: the log: frames, acts of people and warnings in one form; its summary and its export."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from central.api.statistics import MomentField
from central.selectors.log_sources import AUDIT, ERROR, INFO, MESSAGES, WARNING, WARNINGS
from central.selectors.logs import DAY, HOUR, Wanted, log_entries, log_page, log_summary, sources_for
from central.selectors.messages import LONGEST_TEXT
from central.selectors.periods import zone_named
from emobility.lib.clock import utc_now
from emobility.lib.exports import Table, export_lines, export_response
from emobility.lib.filters import LARGEST_KEY
from emobility.lib.paging import CURSOR, cursor_decode, cursor_encode, cursor_fault, limit_of, page_parameters
from emobility.lib.postgres import reading_bounded
from emobility.lib.streams import StreamedResponse
from registry.api.rights import RightPermission
from registry.rights import Right
from registry.services.export_jobs import export_record

PAGE, MOST = 50, 500
LONGEST_SUMMARY = timedelta(days=31)
LONGEST_SECONDS = 15.0
"""What one search may cost the database."""
COLUMNS = ("id", "type", "source", "level", "at", "charge_point", "action", "text", "data")


class LogQuery(serializers.Serializer[Any]):
    """What of the log: everything that you may read unless told."""

    type = serializers.ChoiceField(choices=(MESSAGES, AUDIT, WARNINGS), required=False)
    charge_point = serializers.CharField(required=False, max_length=48, help_text="its id")
    level = serializers.ChoiceField(choices=(INFO, WARNING, ERROR), required=False)
    text = serializers.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        help_text="in the entry; of messages among the newest 20,000 that the other filters leave",
    )
    to = MomentField(required=False, help_text="until (exclusive), ISO 8601")


# `from` is a word of Python's, so it cannot be a name in the class.
LogQuery._declared_fields["from"] = MomentField(  # noqa: SLF001 -- where DRF keeps declared fields
    required=False, help_text="from (inclusive), ISO 8601"
)


class SummaryQuery(LogQuery):
    """Cut into which periods, by which clock; without `from` the last 24 hours."""

    period = serializers.ChoiceField(choices=(HOUR, DAY), default=HOUR)
    time_zone = serializers.CharField(required=False, max_length=64, default="UTC")


class ExportQuery(LogQuery):
    """In which form, and how many entries at most."""

    format = serializers.ChoiceField(choices=("csv", "json", "jsonl"), default="csv")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_KEY)


class EntrySerializer(serializers.Serializer[Any]):
    """An entry of the log; `source` tells which table it is of, `data` is that table's own."""

    id = serializers.CharField()
    type = serializers.ChoiceField(choices=(MESSAGES, AUDIT, WARNINGS))
    source = serializers.CharField()  # type: ignore[assignment]
    level = serializers.ChoiceField(choices=(INFO, WARNING, ERROR))
    at = serializers.DateTimeField()
    charge_point = serializers.CharField(allow_null=True)
    action = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    data = serializers.DictField()  # type: ignore[assignment]


class LogPageSerializer(serializers.Serializer[Any]):
    """A page of the log; it is read forwards only."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EntrySerializer(many=True)


class ActionCountSerializer(serializers.Serializer[Any]):
    """How often something was."""

    type = serializers.CharField()
    action = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()


class PeriodCountSerializer(serializers.Serializer[Any]):
    """How much there was in a period, by type."""

    types = serializers.DictField(child=serializers.IntegerField())


PeriodCountSerializer._declared_fields["from"] = serializers.DateTimeField()  # noqa: SLF001 -- as above


class LogSummarySerializer(serializers.Serializer[Any]):
    """How much there is of what."""

    total = serializers.IntegerField()
    types = serializers.DictField(child=serializers.IntegerField())
    levels = serializers.DictField(child=serializers.IntegerField())
    actions = ActionCountSerializer(many=True)
    periods = PeriodCountSerializer(many=True)


class LogView(APIView):
    """What the views of the log share."""

    permission_classes = [RightPermission]
    see_right = Right.INSPECT
    query_class: type[serializers.Serializer[Any]] = LogQuery

    def wanted(self, request: Request) -> tuple[Wanted, dict[str, Any]]:
        """What is asked for. Raises ValidationError."""
        query = self.query_class(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        wanted = Wanted(
            type=asked.get("type", ""),
            charge_point=asked.get("charge_point", ""),
            begin=asked.get("from"),
            end=asked.get("to"),
            text=asked.get("text", ""),
            level=asked.get("level", ""),
        )
        return wanted, asked


@extend_schema(tags=["logs"])
class LogListView(LogView):
    """Messages, acts and warnings, newest first. Acts of people need the right to read the audit trail."""

    @extend_schema(
        operation_id="logs_list",
        parameters=[
            LogQuery,
            *(
                OpenApiParameter(
                    each["name"],
                    OpenApiTypes.INT if each["name"] == "limit" else OpenApiTypes.STR,
                    description=each["description"],
                )
                for each in page_parameters(PAGE, MOST, ())
            ),
        ],
        responses={200: LogPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """One page of the log."""
        wanted, _asked = self.wanted(request)
        limit = limit_of(request, default=PAGE, most=MOST)
        with reading_bounded(LONGEST_SECONDS):
            page = log_page(request.user, wanted, _place(request), limit)
        url = request.build_absolute_uri()
        following = page.following and replace_query_param(url, CURSOR, cursor_encode(page.following))
        answer = {"next": following, "previous": None, "results": page.entries}
        return Response(LogPageSerializer(answer).data)


@extend_schema(tags=["logs"])
class LogSummaryView(LogView):
    """How much there is of what."""

    query_class = SummaryQuery

    @extend_schema(parameters=[SummaryQuery], responses={200: LogSummarySerializer})
    def get(self, request: Request) -> Response:
        """Entries counted by type, level, action and period; at most 31 days at once."""
        wanted, asked = self.wanted(request)
        end = wanted.end or utc_now()
        begin = wanted.begin or end - timedelta(days=1)
        if not timedelta(0) < end - begin <= LONGEST_SUMMARY:
            raise serializers.ValidationError({"from": [_("At most 31 days before `to`.")]})
        bounded = Wanted(wanted.type, wanted.charge_point, begin, end, wanted.text, wanted.level)
        with reading_bounded(LONGEST_SECONDS):
            summary = log_summary(request.user, bounded, asked["period"], zone_named(asked["time_zone"]))
        return Response(LogSummarySerializer(summary).data)


class OwnFormat(BaseContentNegotiation):
    """`?format=` is this endpoint's own: refusals are always JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first."""
        return renderers[0], renderers[0].media_type


@extend_schema(tags=["logs"])
class LogExportView(LogView):
    """The log as a file."""

    query_class = ExportQuery
    content_negotiation_class = OwnFormat
    renderer_classes = [JSONRenderer]

    @extend_schema(
        parameters=[ExportQuery],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, "application/json"): EntrySerializer(many=True),
            (200, "application/x-ndjson"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request) -> Any:
        """Entries newest first, streamed: CSV, one JSON list, or a JSON object a line."""
        wanted, asked = self.wanted(request)
        user: Any = request.user
        sources_for(user, wanted)
        query = request.META.get("QUERY_STRING", "")
        export_record(
            actor=user, table="logs", form=asked["format"], query=query, verb="streamed", now=utc_now()
        )
        table = Table("logs", COLUMNS, lambda: _rows(user, wanted, asked.get("limit")))
        owner = str(getattr(user, "organization_id", None) or "")
        if asked["format"] != "json":
            return export_response(table, asked["format"], owner=owner)
        headers = {"Content-Disposition": 'attachment; filename="logs.json"', "Cache-Control": "no-store"}
        return StreamedResponse(
            lambda: _array(table), owner=owner, content_type="application/json", headers=headers
        )


def _rows(actor: Any, wanted: Wanted, most: int | None) -> Iterator[tuple[Any, ...]]:
    for entry in log_entries(actor, wanted, most):
        yield tuple(entry[name] for name in COLUMNS)


def _array(table: Table) -> Iterator[bytes]:
    """The lines as one list: what stands in quotes has no line ends of its own."""
    before = b"[\n"
    for piece in export_lines(table, "jsonl"):
        yield before + piece.rstrip(b"\n").replace(b"\n", b",\n")
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _place(request: Request) -> dict[str, int] | None:
    text = request.query_params.get(CURSOR)
    if not text:
        return None
    place = cursor_decode(text)
    if not isinstance(place, dict) or not all(
        type(key) is int and 0 <= key <= LARGEST_KEY for key in place.values()
    ):
        raise cursor_fault()
    return place
