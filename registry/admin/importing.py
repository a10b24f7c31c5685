"""The page that takes a file of rows: every row's fault is shown before anything is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from emobility.lib.csv_files import MOST_BYTES, csv_rows
from emobility.lib.errors import DomainError
from registry.admin.base import visible
from registry.admin.dress import dressed
from registry.models import Organization
from registry.rights import Right, may

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Importing:
    """What a file may hold; `plan(request, organization, rows)` tells, `run` does: a sentence or a file."""

    label: Any
    explain: Any
    right: Right
    columns: tuple[str, ...]
    required: tuple[str, ...]
    words: dict[str, Any]
    plan: Callable[[HttpRequest, Organization, Rows], Rows]
    run: Callable[[HttpRequest, Organization, Rows], str | HttpResponse]


class FileForm(forms.Form):
    """A file, or after the preview its text again."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=_("Organisation"))
    file = forms.FileField(label=_("CSV file"), required=False)
    text = forms.CharField(
        label=_("or the rows themselves"),
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, data: Any, files: Any, user: Any) -> None:
        super().__init__(data, files)
        own: Any = self.fields["organization"]
        own.queryset = visible(Organization.objects.all(), user)
        if not user.sees_all:
            del self.fields["organization"]
        dressed(self)
        self.fields["file"].widget = forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"})

    def raw(self) -> bytes:
        """The bytes of what was handed in, of a file only as many as may be."""
        given = self.cleaned_data.get("file")
        return given.read(MOST_BYTES + 1) if given else str(self.cleaned_data["text"]).encode()


class ImportingAdmin:
    """A table with a page that takes a file, at `import/`, and a button for it on its list."""

    importing: Importing
    actions_list: Any = ("import_rows",)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Those who have the right."""
        return may(request.user, self.importing.right)

    @action(description=_("Import a CSV file"), url_path="import", permissions=["import"])
    def import_rows(self, request: HttpRequest) -> HttpResponse:
        """Ask for the file, show its plan, and do it when that was seen."""
        if not self.has_import_permission(request):
            raise PermissionDenied(_t("Your role may not do this."))
        posted = request.method == "POST"
        form = FileForm(request.POST if posted else None, request.FILES if posted else None, request.user)
        if not posted or not form.is_valid():
            return self._page(request, form)
        try:
            return self._handed_in(request, form)
        except DomainError as error:
            return self._page(request, form, error=error)

    def _handed_in(self, request: HttpRequest, form: FileForm) -> HttpResponse:
        spec, user, raw = self.importing, request.user, form.raw()
        owner: Any = form.cleaned_data.get("organization") or getattr(user, "organization", None)
        rows = csv_rows(raw, columns=spec.columns, required=spec.required)
        if "confirm" not in request.POST:
            planned = spec.plan(request, owner, rows)
            return self._page(request, form, planned=planned, text=raw.decode("utf-8-sig"), owner=owner)
        done = spec.run(request, owner, rows)
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, done)
        return HttpResponseRedirect(self._back())

    def _back(self) -> str:
        opts: Any = self.opts  # type: ignore[attr-defined]  # of the admin that this is mixed into
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")

    def _page(
        self,
        request: HttpRequest,
        form: FileForm,
        *,
        planned: Rows | None = None,
        text: str = "",
        owner: Any = None,
        error: DomainError | None = None,
    ) -> HttpResponse:
        spec, admin = self.importing, self
        site: Any = admin.admin_site  # type: ignore[attr-defined]  # of the admin that this is mixed into
        faults = sum(each.state == "fault" for each in planned or ())
        context = {
            **site.each_context(request),
            "title": spec.label,
            "opts": admin.opts,  # type: ignore[attr-defined]  # the same
            "importing": spec,
            "form": form,
            "error": error,
            "planned": [_told(spec, each) for each in planned] if planned is not None else None,
            "faults": faults,
            "text": text,
            "owner": owner,
            "back": self._back(),
        }
        return TemplateResponse(request, "admin/import.html", context, status=error.status if error else 200)


def _told(spec: Importing, each: Any) -> dict[str, Any]:
    return {
        "line": each.line,
        "word": spec.words[each.state],
        "bad": each.state == "fault",
        "cells": [(name, each.values.get(name, "")) for name in spec.columns],
        "faults": each.faults,
    }
