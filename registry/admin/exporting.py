"""From a list to a file: a button that takes the filter in force along, a page that asks for the format."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget

from emobility.lib.errors import DomainError
from emobility.lib.exports import FORMS, export_response
from registry.admin.actions import ObjectAction, action_page, object_url
from registry.admin.base import ScopedAdmin
from registry.api.export_tables import TABLES, Exportable, export_rows
from registry.api.exports import order_export
from registry.rights import Right
from registry.services.export_jobs import export_record

NOW: Any = [("csv", _("CSV, at once")), ("jsonl", _("JSON lines, at once"))]
LATER: Any = {
    "xlsx": _("Excel (XLSX), in the background"),
    "pdf": _("Report (PDF), in the background, up to 5,000 rows"),
    "csv": _("CSV, in the background"),
    "jsonl": _("JSON lines, in the background"),
}
JOB = "job:"
PAGING = ("p", "all", "e", "_changelist_filters")
"""Parameters of the list that choose no rows."""


class ExportForm(forms.Form):
    """Which format, now or later."""

    format = forms.ChoiceField(
        label=_("Format"),
        widget=UnfoldAdminRadioSelectWidget,
        initial="csv",
        help_text=_("What takes long is made in the background: you can leave the page and fetch it later."),
    )

    def __init__(self, table: Exportable, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        later = [(f"{JOB}{form}", words) for form, words in LATER.items() if form in table.forms]
        choice: Any = self.fields["format"]
        choice.choices = [*NOW, *later]


EXPORT = ObjectAction(
    slug="export",
    label=_("Export"),
    explain=_("All rows that the filters and the search of the list leave, as a file. Times are in UTC."),
    right=Right.SEE,
    run=lambda request, obj, values: "",
)


class ExportingAdmin(ScopedAdmin):
    """Mixed into the admin of a list that can be exported; `export_name` is its name among the tables."""

    export_name: str
    list_before_template = "admin/emobility/export_button.html"

    def get_urls(self) -> list[Any]:
        """The page that asks for the form."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [
            path("export/", self.admin_site.admin_view(self.export_view), name=name),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, with the address of its export."""
        context = {**(extra_context or {}), "export_query": _query(request)}
        return super().changelist_view(request, context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the format, then send the file, or order it."""
        if not self.has_view_permission(request):
            raise PermissionDenied(_t("Your role may not do this."))
        table = TABLES[self.export_name]
        form = ExportForm(table, request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return action_page(self, request, EXPORT, form=form)
        try:
            return self._export(request, table, form.cleaned_data["format"])
        except DomainError as error:
            return action_page(self, request, EXPORT, form=form, error=error)

    def _export(self, request: HttpRequest, table: Exportable, wish: str) -> Any:
        user: Any = request.user
        query, now = _query(request), timezone.now()
        if wish in FORMS:
            rows = export_rows(table, user, query=query, source="admin")
            answer = export_response(table.table(rows, user), wish, owner=str(user.organization_id or ""))
            export_record(actor=user, table=table.name, form=wish, query=query, verb="streamed", now=now)
            return answer
        job = order_export(
            actor=user,
            table=table.name,
            form=wish.removeprefix(JOB),
            query=query,
            source="admin",
            now=now,
        )
        messages.success(request, _t("The export waits for its turn. This page shows how far it is."))
        return HttpResponseRedirect(object_url(job))


def _query(request: HttpRequest) -> str:
    """The filters and the search of the list, without its page."""
    chosen = request.GET.copy()
    for name in PAGING:
        chosen.pop(name, None)
    return chosen.urlencode()
