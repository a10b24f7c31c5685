"""The audit trail as an export."""

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, FilterSet, IsoDateTimeFilter

from registry.api.export_tables import Exportable, exportable
from registry.models import AuditEntry
from registry.rights import Right


class AuditFilter(FilterSet):
    """Who, what, which object, and the time within [from, to)."""

    actor = CharFilter()
    action = CharFilter()
    object_type = CharFilter()
    object_id = CharFilter()
    to = IsoDateTimeFilter(field_name="at", lookup_expr="lt")


# `from` is a word of Python's, so it cannot be a name in the class.
AuditFilter.base_filters["from"] = IsoDateTimeFilter(field_name="at", lookup_expr="gte")

exportable(
    Exportable(
        name="audit",
        title=_("Audit trail"),
        model=AuditEntry,
        right=Right.AUDIT,
        filterset=AuditFilter,
        columns={
            "id": "pk",
            "at": "at",
            "actor": "actor",
            "action": "action",
            "object_type": "object_type",
            "object_id": "object_id",
            "before": "before",
            "after": "after",
            "remote_address": "remote_address",
        },
    )
)
