"""Selections of charge points for one order to many: what they are, where they stand, or by name."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from central.models import BulkCommand
from central.models.bulk_command import TargetState
from central.models.command import CommandState
from central.selectors.groups import members_of
from emobility.lib.errors import Invalid
from registry.models import ChargePoint, ChargePointGroup, Site

FIELDS: Final = {
    "vendor": "live__vendor__iexact",
    "model": "live__model__iexact",
    "firmware": "live__firmware_version__istartswith",
    "ocpp_version": "live__ocpp_version",
}
KEYS: Final = ("site", "group", *FIELDS, "charge_points", "all")
MOST_NAMED: Final = 5_000


def charge_points_selected(*, actor: Any, selection: Mapping[str, Any]) -> QuerySet[ChargePoint]:
    """The actor's charge points that fit all of the selection, by id. Raises Invalid with the key at fault.

    Keys: site, group (ids), vendor, model, firmware (its beginning), ocpp_version, charge_points (a list of
    ids), all (true: every one). Ids that name nothing here are told, an empty selection is refused.
    """
    unknown = set(selection) - set(KEYS)
    if unknown:
        raise _wrong({name: _("Nothing can be selected by this.") for name in unknown})
    given = {key: value for key, value in selection.items() if value not in (None, "", [], False)}
    if not given:
        raise _wrong({"selection": _("Say which charge points; all of them by `all`.")})
    rows = ChargePoint.objects.visible_to(actor).select_related("live").order_by("pk")
    for key, column in FIELDS.items():
        if key in given:
            rows = rows.filter(**{column: given[key]})
    if "site" in given:
        rows = rows.filter(site=_own(Site, actor, "site", given["site"]))
    if "group" in given:
        group = _own(ChargePointGroup, actor, "group", given["group"])
        rows = rows.filter(pk__in=members_of(group).values("pk"))
    return rows.filter(pk__in=_named(rows, given["charge_points"])) if "charge_points" in given else rows


def _named(rows: QuerySet[ChargePoint], names: Any) -> list[int]:
    if not isinstance(names, list) or len(names) > MOST_NAMED:
        raise _wrong({"charge_points": _("A list of up to {most} ids is needed.").format(most=MOST_NAMED)})
    wanted = {str(name) for name in names}
    found: dict[str, int] = dict(rows.filter(cp_id__in=wanted).values_list("cp_id", "pk"))
    missing = sorted(wanted - set(found))
    if missing:
        listed = ", ".join(missing[:10])
        raise _wrong({"charge_points": _("Not among them: {names}").format(names=listed)})
    return [found[name] for name in wanted]


def _own(model: Any, actor: Any, key: str, number: Any) -> Any:
    found = model.objects.visible_to(actor).filter(pk=number).first() if str(number).isdecimal() else None
    if found is None:
        raise _wrong({key: _("There is none.")})
    return found


def _wrong(fields: Mapping[str, str]) -> Invalid:
    return Invalid(_("These charge points cannot be selected."), fields)


def with_progress(rows: QuerySet[BulkCommand]) -> QuerySet[Any]:
    """Bulk commands with how far they are, in the same statement; read it by `progress_of`."""
    counts = {
        f"count_{state}": Count(
            "targets",
            filter=Q(targets__command__whole=state)
            | Q(targets__command__whole="", targets__command__state=state),
        )
        for state in CommandState.values
    }
    return rows.annotate(
        count_total=Count("targets"),
        count_waiting=Count("targets", filter=Q(targets__state=TargetState.WAITING)),
        count_skipped=Count("targets", filter=Q(targets__state=TargetState.SKIPPED)),
        **counts,
    )


def progress_of(bulk: Any) -> dict[str, int]:
    """How many charge points: in all, waiting, skipped, and by the state of their order."""
    names = ("total", "waiting", "skipped", *CommandState.values)
    return {name: getattr(bulk, f"count_{name}") for name in names}
