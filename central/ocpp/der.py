"""DER controls between OCPP and services: one field for each type (2.1 R04.FR.16, errata 2025-09)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from central.ocpp.answers import held
from central.ocpp.vocabulary import parse_time
from central.services.der import Control

FIELDS: Final = {
    "EnterService": "enterService",
    "FixedPFAbsorb": "fixedPFAbsorb",
    "FixedPFInject": "fixedPFInject",
    "FixedVar": "fixedVar",
    "FreqDroop": "freqDroop",
    "Gradients": "gradient",
    "LimitMaxDischarge": "limitMaxDischarge",
}
"""The field of a control type; `curve` for all others."""
CURVES: Final = (
    "FreqWatt",
    "HFMayTrip",
    "HFMustTrip",
    "HVMayTrip",
    "HVMomCess",
    "HVMustTrip",
    "LFMustTrip",
    "LVMayTrip",
    "LVMomCess",
    "LVMustTrip",
    "PowerMonitoringMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattPF",
    "WattVar",
)
TYPES: Final = tuple(sorted((*FIELDS, *CURVES)))
DEFAULT_ONLY: Final = frozenset({"EnterService", "Gradients"})
"""Controls that exist as default ones only (R04.FR.14)."""
_INSIDE: Final = {"fixedPFAbsorb": "fixedPF", "fixedPFInject": "fixedPF"}
_TYPES_BY_FIELD: Final = {name: control for control, name in FIELDS.items()}


SCOPE: Final = {"is_default": "isDefault", "control_type": "controlType", "control_id": "controlId"}
"""Which controls a question or an order means, and OCPP's fields for it."""


def scope_of(request: dict[str, Any]) -> dict[str, Any]:
    """Which controls a GetDERControl or ClearDERControl request means."""
    return {name: request[field] for name, field in SCOPE.items() if field in request}


def field_of(control_type: str) -> str:
    """The request's field in which the settings of a control type stand."""
    return FIELDS.get(control_type, "curve")


def control_of(request: dict[str, Any]) -> Control:
    """The control that a SetDERControl request sets."""
    settings = request.get(field_of(request["controlType"]), {})
    return _control(request["controlId"], request["controlType"], request["isDefault"], settings)


def controls_of(report: dict[str, Any]) -> list[Control]:
    """The controls that a ReportDERControl request names."""
    return list(_reported(report))


def _reported(report: dict[str, Any]) -> Iterator[Control]:
    for name in ("curve", *_TYPES_BY_FIELD):
        for entry in report.get(name, ()):
            yield _control(
                entry["id"],
                entry.get("curveType") or _TYPES_BY_FIELD.get(name, ""),
                entry.get("isDefault", True),
                entry[_INSIDE.get(name, name)],
                is_superseded=entry.get("isSuperseded", False),
            )


def _control(
    control_id: str, control_type: str, is_default: bool, settings: dict[str, Any], **more: Any
) -> Control:
    return Control(
        control_id=control_id,
        control_type=control_type,
        is_default=is_default,
        settings=settings,
        priority=max(0, held(settings.get("priority", 0), 31)),
        starts_at=_time(settings.get("startTime")),
        duration_s=settings.get("duration"),
        **more,
    )


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
