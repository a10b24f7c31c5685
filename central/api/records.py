"""Plain read-only REST resources: a model, its fields, its filters; scoped and paged like all others.

    record("security-events", SecurityEvent, fields=("charge_point", "kind", "at"), filters=("kind",))

answers at /api/security-events/ and /api/security-events/<id>/. A resource with verbs of its own is a ViewSet
handed to `resource`.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import models
from django_filters import CharFilter, FilterSet, IsoDateTimeFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from emobility.lib.api import ScopedViewSet
from registry.api.rights import RightPermission
from registry.rights import Right

RECORDS: Final[dict[str, type[ScopedViewSet]]] = {}
"""Resources by their path below /api/."""


def record(
    path: str,
    model: type[models.Model],
    *,
    fields: Sequence[str],
    filters: Sequence[str] = (),
    time_field: str = "",
    see_right: Right = Right.INSPECT,
    verbs: tuple[type, ...] = (),
) -> type[ScopedViewSet]:
    """Register a model as a read-only resource; charge points appear and are filtered by their cp_id.

    `verbs` are mixins with actions of the resource's own.
    `filters` are fields compared for equality; `time_field` is filtered by `from` and `to` (from <= t < to).
    """
    viewset = type(
        f"{model.__name__}ViewSet",
        (*verbs, ScopedViewSet),
        {
            "__doc__": f"{_title(model)} of your organisation, newest first.",
            "queryset": _rows(model).select_related(*_related(model, fields)),
            "serializer_class": _serializer(model, fields),
            "permission_classes": [RightPermission],
            "see_right": see_right,
            "filterset_class": _filters(model, filters, time_field),
            "lookup_value_regex": "[0-9]+",
        },
    )
    return resource(path, extend_schema(tags=[_title(model).lower()])(viewset))


def resource(path: str, viewset: type[ScopedViewSet]) -> type[ScopedViewSet]:
    """Register a ViewSet at /api/<path>/. Raises LookupError where the path is taken."""
    if path in RECORDS:
        raise LookupError(f"/api/{path}/ is registered twice.")
    RECORDS[path] = viewset
    return viewset


def _rows(model: type[models.Model]) -> Any:
    return model._default_manager.all()  # noqa: SLF001 -- Django's documented name


def _title(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name_plural).capitalize()  # noqa: SLF001 -- Django's documented name


def _related(model: type[models.Model], fields: Sequence[str]) -> list[str]:
    return [name for name in fields if name == "charge_point" and _is_foreign(model, name)]


def _is_foreign(model: type[models.Model], name: str) -> bool:
    return model._meta.get_field(name).is_relation  # noqa: SLF001 -- Django's documented name


def _serializer(model: type[models.Model], fields: Sequence[str]) -> type[serializers.Serializer[Any]]:
    names = list(dict.fromkeys(("id", *fields)))
    body: dict[str, Any] = {
        "__doc__": f"{str(model._meta.verbose_name).capitalize()}.",  # noqa: SLF001 -- Django's documented name
        "Meta": type("Meta", (), {"model": model, "fields": names}),
    }
    if "charge_point" in names:
        body["charge_point"] = serializers.CharField(
            source="charge_point.cp_id", allow_null=True, default=None
        )
    return type(f"{model.__name__}Serializer", (serializers.ModelSerializer,), body)


def _filters(model: type[models.Model], names: Sequence[str], time_field: str) -> type[FilterSet]:
    body: dict[str, Any] = {}
    meta = type("Meta", (), {"model": model, "fields": [name for name in names if name != "charge_point"]})
    if any(field.name == "charge_point" for field in model._meta.fields):  # noqa: SLF001 -- Django's documented name
        body["charge_point"] = CharFilter(field_name="charge_point__cp_id")
    if time_field:
        body["to"] = IsoDateTimeFilter(field_name=time_field, lookup_expr="lt")
    made: Any = type(f"{model.__name__}Filter", (FilterSet,), body | {"Meta": meta})
    if time_field:
        made.base_filters["from"] = IsoDateTimeFilter(field_name=time_field, lookup_expr="gte")
    chosen: type[FilterSet] = made
    return chosen
