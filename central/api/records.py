"""Plain read-only REST resources: a model, its fields, its filters; scoped and paged like all others.

    record("security-events", SecurityEvent, fields=("charge_point", "kind", "at"), filters=("kind",))

answers at /api/security-events/ and /api/security-events/<id>/. A resource with verbs of its own is a ViewSet
handed to `resource`.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import models
from django_filters import CharFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from emobility.lib.api import ScopedViewSet
from emobility.lib.filters import WholeFilter, within
from emobility.lib.rows import QuickModelSerializer
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
    ordering: Sequence[str] | None = None,
    see_right: Right | None = None,
    verbs: tuple[type, ...] = (),
) -> type[ScopedViewSet]:
    """Register a model as a read-only resource; charge points appear and are filtered by their cp_id.

    Who sees it tells the table of rights; `see_right` is for models that have no line there. `verbs` are
    mixins with actions of the resource's own.
    `filters` are fields compared for equality, and the `command` where it is shown; `time_field` is filtered
    by `from` and `to` (from <= t < to).
    Rows of sessions and commands are told by their uid. Besides `id` a list is sorted by the `ordering`
    columns, `time_field` unless told: none for tables that grow without end and have no index for it.
    """
    asked = ("command",) if "command" in fields else ()
    viewset = type(
        f"{model.__name__}ViewSet",
        (*verbs, ScopedViewSet),
        {
            "__doc__": f"{_title(model)} of your organisation, newest first.",
            "queryset": _rows(model).select_related(*_related(model, fields)),
            "serializer_class": _serializer(model, fields),
            "permission_classes": [RightPermission],
            "see_right": see_right,
            "filterset_class": _filters(model, (*filters, *asked), time_field),
            "ordering_fields": _columns(time_field, ordering),
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


def _columns(time_field: str, ordering: Sequence[str] | None) -> Sequence[str]:
    if ordering is not None:
        return ordering
    return (time_field,) if time_field else ()


def _meta(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001 -- Django's documented name


def _key(model: type[models.Model], name: str) -> str:
    """By what another row is told: a charge point's `cp_id`, the `uid` of what has one, else its key."""
    if name not in {field.name for field in _meta(model).fields}:
        return ""
    field = _meta(model).get_field(name)
    if not field.is_relation:
        return ""
    if name == "charge_point":
        return "cp_id"
    told = [each for each in _meta(field.related_model).fields if each.name == "uid"]
    return "uid" if told and isinstance(told[0], models.UUIDField) else "pk"


def _related(model: type[models.Model], fields: Sequence[str]) -> list[str]:
    return [name for name in fields if _key(model, name) in {"cp_id", "uid"}]


def _serializer(model: type[models.Model], fields: Sequence[str]) -> type[serializers.Serializer[Any]]:
    names = list(dict.fromkeys(("id", *fields)))
    body: dict[str, Any] = {
        "__doc__": f"{str(_meta(model).verbose_name).capitalize()}.",
        "Meta": type("Meta", (), {"model": model, "fields": names}),
    }
    for name in names:
        key = _key(model, name)
        if key in {"cp_id", "uid"}:
            kind = serializers.UUIDField if key == "uid" else serializers.CharField
            body[name] = kind(source=f"{name}.{key}", allow_null=True, default=None)
    return type(f"{model.__name__}Serializer", (QuickModelSerializer,), body)


def _filters(model: type[models.Model], names: Sequence[str], time_field: str) -> type[FilterSet]:
    has_charge_point = any(field.name == "charge_point" for field in _meta(model).fields)
    wanted = dict.fromkeys((*(("charge_point",) if has_charge_point else ()), *names))
    made = {name: _filter(model, name) for name in wanted}
    plain = [name for name, own in made.items() if own is None]
    body: dict[str, Any] = {name: own for name, own in made.items() if own is not None}
    body["Meta"] = type("Meta", (), {"model": model, "fields": plain})
    filterset: type[FilterSet] = type(f"{model.__name__}Filter", (FilterSet,), body)
    if time_field:
        within(filterset, time_field)
    return filterset


def _filter(model: type[models.Model], name: str) -> Any:
    """The filter of a column; None where django-filter's own is right."""
    key, field = _key(model, name), _meta(model).get_field(name)
    if key == "cp_id":
        return CharFilter(field_name="charge_point__cp_id")
    if key == "uid":
        return UUIDFilter(field_name=f"{name}__uid")
    if key == "pk":
        # Not a choice among rows: whoever asks may not see them all, and they may be many.
        return WholeFilter(field_name=f"{name}_id")
    return WholeFilter() if isinstance(field, models.IntegerField) and not field.choices else None
