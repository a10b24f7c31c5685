"""What of central can be exported: sessions, meter values, messages, security events."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, FilterSet, IsoDateTimeFilter, UUIDFilter

from central.api.resources.messages import viewset as messages
from central.api.resources.security_events import SecurityEventFilter
from central.api.session_report import session_report
from central.api.sessions import SessionFilter
from central.models import Message, MeterValue, SecurityEvent, Session
from central.ocpp.masking import masked as without_secrets
from central.ports import ports
from emobility.lib.display import masked
from registry.api.export_tables import Exportable, exportable
from registry.rights import Right, may


class MeterValueFilter(FilterSet):
    """Charge point (cp_id), session (uid), and the time within [from, to)."""

    charge_point = CharFilter(field_name="charge_point__cp_id")
    session = UUIDFilter(field_name="session__uid")
    to = IsoDateTimeFilter(field_name="sampled_at", lookup_expr="lt")


# `from` is a word of Python's, so it cannot be a name in the class.
MeterValueFilter.base_filters["from"] = IsoDateTimeFilter(field_name="sampled_at", lookup_expr="gte")

SESSION_COLUMNS = {
    "uid": "uid",
    "charge_point": "charge_point__cp_id",
    "site": "site__name",
    "evse": "evse_number",
    "connector": "connector_number",
    "transaction_id": "transaction_id",
    "ocpp_version": "ocpp_version",
    "state": "state",
    "id_tag": "id_tag",
    "authorization_status": "authorization_status",
    "started_at": "started_at",
    "ended_at": "ended_at",
    "energy_wh": "energy_wh",
    "meter_start_wh": "meter_start_wh",
    "meter_stop_wh": "meter_stop_wh",
    "stop_reason": "stop_reason",
    "needs_review": "needs_review",
    "review_reasons": "review_reasons",
    "cost_excl_vat": "pk",
    "cost_incl_vat": "pk",
    "currency": "pk",
}
_TAG = list(SESSION_COLUMNS).index("id_tag")


def _with_costs(batch: list[Sequence[Any]], actor: Any) -> Iterator[Sequence[Any]]:
    """Sessions with what they cost; the tag whole for those who operate, as everywhere."""
    costs = ports.running_cost([row[-1] for row in batch])
    whole = may(actor, Right.OPERATE)
    for row in batch:
        cost = costs.get(row[-1])
        told = (cost.amount_excl, cost.amount_incl, cost.currency) if cost else (None, None, None)
        kept = list(row[:-3])
        kept[_TAG] = kept[_TAG] if whole else masked(kept[_TAG])
        yield (*kept, *told)


exportable(
    Exportable(
        name="sessions",
        title=_("Sessions"),
        model=Session,
        right=Right.SEE,
        filterset=SessionFilter,
        columns=SESSION_COLUMNS,
        complete=_with_costs,
        report=session_report,
    )
)
exportable(
    Exportable(
        name="meter-values",
        title=_("Meter values"),
        model=MeterValue,
        right=Right.SEE,
        filterset=MeterValueFilter,
        columns={
            "charge_point": "charge_point__cp_id",
            "session": "session__uid",
            "evse": "evse_number",
            "connector": "connector_number",
            "sampled_at": "sampled_at",
            "context": "context",
            "register_wh": "register_wh",
            "power_w": "power_w",
            "current_ma": "current_ma",
            "voltage_mv": "voltage_mv",
            "state_of_charge": "state_of_charge",
        },
    )
)

MESSAGE_COLUMNS = {
    "charge_point": "charge_point__cp_id",
    "at": "at",
    "direction": "direction",
    "kind": "kind",
    "action": "action",
    "message_id": "message_id",
    "error_code": "error_code",
    "size": "size",
    "latency_ms": "latency_ms",
    "payload": "payload",
}
_ACTION, _PAYLOAD = list(MESSAGE_COLUMNS).index("action"), list(MESSAGE_COLUMNS).index("payload")


def _masked_again(batch: list[Sequence[Any]], actor: Any) -> Iterator[Sequence[Any]]:
    """Frames as the rules of today mask them: rows from before a rule was made leave the house as well."""
    for row in batch:
        kept = list(row)
        kept[_PAYLOAD] = without_secrets(row[_ACTION], row[_PAYLOAD])
        yield kept


exportable(
    Exportable(
        name="messages",
        title=_("Messages"),
        model=Message,
        right=Right.INSPECT,
        filterset=messages.filterset_class,
        columns=MESSAGE_COLUMNS,
        complete=_masked_again,
    )
)
exportable(
    Exportable(
        name="security-events",
        title=_("Security events"),
        model=SecurityEvent,
        right=Right.INSPECT,
        filterset=SecurityEventFilter,
        columns={
            "id": "pk",
            "charge_point": "charge_point__cp_id",
            "kind": "kind",
            "severity": "severity",
            "tech_info": "tech_info",
            "at": "at",
            "received_at": "received_at",
            "is_open": "is_open",
            "acknowledged_at": "acknowledged_at",
            "acknowledged_by": "acknowledged_by__username",
            "note": "note",
        },
    )
)
