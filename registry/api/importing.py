"""What endpoints share that take rows in bulk: CSV or JSON in, a preview or the deed out."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.request import Request
from rest_framework.views import APIView

from emobility.lib.csv_files import MOST_ROWS, Row, csv_rows
from emobility.lib.errors import Invalid
from registry.api.rights import RightPermission
from registry.models import Organization


class CsvParser(BaseParser):
    """The bytes of a CSV file, as they came."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The whole body; its size is limited by DATA_UPLOAD_MAX_MEMORY_SIZE."""
        return bytes(stream.read())


class PlannedSerializer(serializers.Serializer[Any]):
    """A row and what would become of it."""

    line = serializers.IntegerField()
    state = serializers.CharField()
    values = serializers.DictField()
    faults = serializers.DictField()


class ImportView(APIView):
    """`text/csv` with a head line, or JSON `{"rows": [{...}]}`; `?preview=true` does nothing but tell."""

    permission_classes = [RightPermission]
    parser_classes = [CsvParser, JSONParser]
    columns: Collection[str] = ()
    required: Collection[str] = ()

    def rows(self, request: Request) -> list[Row]:
        """The rows of the body; raises Invalid."""
        data: Any = request.data
        if isinstance(data, bytes):
            return csv_rows(data, columns=self.columns, required=self.required)
        given = data.get("rows") if isinstance(data, dict) else None
        if not isinstance(given, list) or len(given) > MOST_ROWS:
            raise Invalid(_("Some values are wrong."), {"rows": _("A list of at most 2000 objects.")})
        return [self._row(number, each) for number, each in enumerate(given, start=1)]

    def preview(self, request: Request) -> bool:
        """True where only the plan is asked for."""
        return str(request.query_params.get("preview", "")).lower() in {"1", "true"}

    def organization(self, request: Request) -> Organization:
        """The caller's, or for the platform's administrators the one named by `?organization=`."""
        user: Any = request.user
        slug = request.query_params.get("organization", "")
        rows = Organization.objects.visible_to(user)
        found = rows.filter(slug=slug).first() if slug else user.organization
        if found is None:
            fault = _("Name an organisation of yours.")
            raise Invalid(_("Some values are wrong."), {"organization": fault})
        return found

    def _row(self, number: int, each: Any) -> Row:
        known = isinstance(each, dict) and set(each) <= set(self.columns)
        if not known or not all(isinstance(value, str | int | bool | None) for value in each.values()):
            fault = _("Row {number}: an object of {names}.").format(
                number=number, names=", ".join(self.columns)
            )
            raise Invalid(_("Some values are wrong."), {"rows": fault})
        return Row(number, {name: _text(value) for name, value in each.items()})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()
