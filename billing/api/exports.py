"""CDRs as an export."""

from django.utils.translation import gettext_lazy as _

from billing.api.cdrs import CdrFilter
from billing.models import Cdr
from registry.api.export_tables import Exportable, exportable
from registry.rights import Right

exportable(
    Exportable(
        name="cdrs",
        title=_("CDRs"),
        model=Cdr,
        right=Right.INSPECT,
        filterset=CdrFilter,
        columns={
            "id": "cdr_id",
            "kind": "kind",
            "credit_of": "credit_of__cdr_id",
            "session": "session__uid",
            "charge_point": "session__charge_point__cp_id",
            "started_at": "started_at",
            "ended_at": "ended_at",
            "energy_wh": "energy_wh",
            "total_time_s": "total_time_s",
            "parking_time_s": "parking_time_s",
            "currency": "currency",
            "total_cost_excl_vat": "total_cost_excl",
            "total_cost_incl_vat": "total_cost_incl",
            "needs_review": "needs_review",
            "review_reasons": "review_reasons",
            "created_at": "created_at",
        },
    )
)
