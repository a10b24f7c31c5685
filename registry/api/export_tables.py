"""The tables that can be exported: each room registers its own, with the rights and filters of its rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.db import models
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django_filters import FilterSet

from emobility.lib.errors import Forbidden, Invalid, NotFound
from emobility.lib.exports import Table, batches, rows_of
from emobility.lib.reports import MOST_ROWS, Report
from registry.models import ExportJob, ServiceAccount
from registry.rights import Right, may
from registry.services.export_jobs import Source

Batch = list[Sequence[Any]]
Complete = Callable[[Batch, Any], Iterator[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Exportable:
    """A table by its name at /api/exports/: columns of the file, and where each comes from.

    `complete(batch, actor)` makes the file's rows of those read, where they are not the same. `report` makes
    a PDF of them: (rows as dicts, lines for its head) -> Report.
    """

    name: str
    title: Any
    model: type[models.Model]
    right: Right
    filterset: type[FilterSet]
    columns: Mapping[str, str]
    complete: Complete | None = None
    report: Callable[[list[dict[str, Any]], list[str]], Report] | None = None

    @property
    def forms(self) -> list[str]:
        """The formats that it can have."""
        return ["csv", "jsonl", "xlsx", *(["pdf"] if self.report else [])]

    def table(self, rows: Any, actor: Any, *, held: bool = False) -> Table:
        """The rows as the actor may see them."""
        return Table(self.name, tuple(self.columns), partial(self._rows, rows, actor, held))

    def _rows(self, rows: Any, actor: Any, held: bool) -> Iterator[Sequence[Any]]:
        read = rows_of(rows, list(self.columns.values()), held=held)
        if self.complete is None:
            yield from read
            return
        for batch in batches(read):
            yield from self.complete(batch, actor)


TABLES: Final[dict[str, Exportable]] = {}
"""Tables by name."""


def exportable(table: Exportable) -> Exportable:
    """Register a table. Raises LookupError where the name is taken."""
    if table.name in TABLES:
        raise LookupError(f"The table {table.name} is registered twice.")
    TABLES[table.name] = table
    return table


def export_table(name: str, actor: Any) -> Exportable:
    """The table of that name. Raises NotFound, and Forbidden where the actor may not see its rows."""
    table = TABLES.get(name)
    if table is None:
        raise NotFound(_("There is no such export."))
    if not may(actor, table.right):
        raise Forbidden(_("Your role may not do this."))
    return table


def export_rows(table: Exportable, actor: Any, *, query: str, source: str = "rest") -> Any:
    """The rows that the actor sees and the filter leaves. Raises Invalid where a filter is wrong."""
    return _rows_of_list(table, actor, query) if source == "admin" else _rows_of_filter(table, actor, query)


def export_source(job: ExportJob) -> Source:
    """What a job is made from, by the rights that its orderer has now. Raises Forbidden, Invalid."""
    actor = _actor_of(job)
    table = export_table(job.table, actor)
    rows = export_rows(table, actor, query=job.query, source=job.source)
    report = partial(export_report, table, rows, actor, job.query) if job.form == "pdf" else None
    return Source(table.table(rows, actor, held=True), rows.count(), report)


def export_report(table: Exportable, rows: Any, actor: Any, query: str) -> Report:
    """The report of the rows. Raises Invalid where there is none, or where they are too many."""
    if table.report is None:
        raise Invalid(_("There is no report of these rows."), {"format": _("Choose another format.")})
    report_check(rows)
    data = table.table(rows, actor)
    lines = [_("Filter: {filter}").format(filter=_in_words(query))]
    return table.report([dict(zip(data.columns, row, strict=True)) for row in data.rows()], lines)


def report_check(rows: Any) -> None:
    """Raises Invalid where a PDF would have more rows than people read."""
    if rows.order_by("pk")[: MOST_ROWS + 1].count() > MOST_ROWS:
        fault = _("A PDF takes up to {most} rows. Narrow the filter, or take XLSX or CSV.").format(
            most=MOST_ROWS
        )
        raise Invalid(fault, {"format": fault})


def _in_words(query: str) -> str:
    pairs = [f"{name} = {value}" for name, values in QueryDict(query).lists() for value in values if value]
    return ", ".join(pairs) or _("none: all rows")


def _actor_of(job: ExportJob) -> Any:
    """The person, or the service account with its scopes, as it is now. Raises Forbidden for nobody."""
    if job.user is None:
        raise Forbidden(_("Who ordered this is gone."))
    return ServiceAccount.objects.filter(pk=job.user_id).first() or job.user


def _rows_of_filter(table: Exportable, actor: Any, query: str) -> Any:
    manager: Any = table.model._default_manager  # noqa: SLF001 -- Django's documented name
    chosen = table.filterset(QueryDict(query), queryset=manager.all().visible_to(actor))
    if not chosen.is_valid():
        faults = {name: " ".join(str(each) for each in told) for name, told in chosen.errors.items()}
        raise Invalid(_("Some values are wrong."), faults)
    return chosen.qs


def _rows_of_list(table: Exportable, actor: Any, query: str) -> Any:
    """The rows of the admin's list with its filters and its search in force."""
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict(query), actor
    try:
        return admin.site.get_model_admin(table.model).get_changelist_instance(request).queryset
    except (IncorrectLookupParameters, SuspiciousOperation) as error:
        raise Invalid(_("Some values of the filter are wrong.")) from error
