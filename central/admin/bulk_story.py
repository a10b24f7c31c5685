"""The page of one bulk command: what to whom, how far it is, each charge point with its answer."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.admin.charge_point_story import answer_words
from central.admin.words import COMMAND_TONES, command_badge
from central.models import BulkCommand, BulkTarget, Command
from central.models.bulk_command import BulkState, TargetState
from central.models.command import CommandState, order_words
from central.selectors.selections import progress_of
from emobility.lib.display import badge, link, moment, pretty
from registry.admin.actions import object_url
from registry.models import ChargePointGroup, Site

SHOWN: Final = 100
TONES: Final = {
    BulkState.PLANNED: "warn",
    BulkState.RUNNING: "busy",
    BulkState.DONE: "good",
    BulkState.CANCELLED: "mute",
}
SELECTION_WORDS: Final = {
    "site": _("Site"),
    "group": _("Group"),
    "vendor": _("Vendor"),
    "model": _("Model"),
    "firmware": _("Firmware begins with"),
    "ocpp_version": _("Protocol"),
    "charge_points": _("By name"),
    "all": _("All charge points"),
}


def bulk_badge(bulk: Any) -> SafeString:
    """Its state with its age; all ordered is not all answered."""
    state, progress, now = BulkState(bulk.state), progress_of(bulk), timezone.now()
    since = bulk.finished_at or bulk.confirmed_at or bulk.created_at
    if state == BulkState.DONE and progress[CommandState.QUEUED] + progress[CommandState.SENT]:
        return badge(_("Waiting for answers"), "busy", since, now)
    return badge(state.label.capitalize(), TONES[state], since, now)


def far_words(progress: dict[str, int]) -> SafeString:
    """How many are through, of all that were not skipped, with a bar."""
    asked = progress["total"] - progress["skipped"]
    through = asked - progress["waiting"] - progress[CommandState.QUEUED] - progress[CommandState.SENT]
    share = 100 * through // asked if asked else 100
    words = _t("{done} of {all}").format(done=through, all=asked)
    return format_html('{} <div class="em-bar"><i style="width:{}%"></i></div>', words, share)


def bulk_story(request: HttpRequest, obj: Any) -> dict[str, Any]:
    """Everything that the page tells."""
    progress, zone = progress_of(obj), obj.organization.time_zone
    facts = [
        (_("Order"), order_words(obj.order)),
        (_("Asked by"), obj.requested_by or ""),
        (_("Why"), obj.reason),
        (_("Planned"), moment(obj.created_at, zone, seconds=True)),
        (_("Confirmed"), moment(obj.confirmed_at, zone, seconds=True)),
        (_("All ordered"), moment(obj.finished_at, zone, seconds=True)),
        (_("Each waits for"), _t("{minutes} min").format(minutes=obj.valid_seconds // 60)),
        (_("Attempts at most"), str(obj.max_attempts)),
    ]
    cards = [
        {"key": "progress", "title": _("Progress"), "facts": _progress(progress)},
        _targets(obj, progress),
    ]
    side = [
        {"key": "facts", "title": _("Bulk command"), "facts": facts},
        {"key": "selection", "title": _("Which charge points"), "facts": _selection(obj)},
        {"key": "params", "title": _("Parameters"), "body": pretty(obj.params)},
    ]
    return {
        "topics": "commands",
        "title": order_words(obj.order),
        "state_badge": bulk_badge(obj),
        "summary": _summary(obj, progress),
        "cards": cards,
        "side": side,
    }


def _summary(obj: BulkCommand, progress: dict[str, int]) -> str:
    asked = progress["total"] - progress["skipped"]
    words = _t("{asked} charge points, {skipped} skipped").format(asked=asked, skipped=progress["skipped"])
    if obj.state == BulkState.PLANNED:
        return f"{words}. {_t('Nothing has left yet: confirm it.')}"
    return words


def _progress(progress: dict[str, int]) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [(_("Through"), far_words(progress))]
    if progress["waiting"]:
        facts.append((_("Waiting for their portion"), str(progress["waiting"])))
    facts += [
        (CommandState(state).label.capitalize(), badge(progress[state], COMMAND_TONES[CommandState(state)]))
        for state in CommandState.values
        if progress[state]
    ]
    return [*facts, (_("Skipped"), str(progress["skipped"]))]


def _selection(obj: BulkCommand) -> list[tuple[Any, Any]]:
    models: dict[str, Any] = {"site": Site, "group": ChargePointGroup}
    facts = []
    for key, value in obj.selection.items():
        found = models[key].objects.filter(pk=value).first() if key in models else None
        shown = link(object_url(found), found) if found else value
        if isinstance(value, list):
            shown = ", ".join(str(each) for each in value[:20]) + ("…" if len(value) > 20 else "")
        facts.append((SELECTION_WORDS.get(key, key), _("yes") if value is True else shown))
    return facts


def _targets(obj: BulkCommand, progress: dict[str, int]) -> dict[str, Any]:
    """The first of them, those in trouble before the others."""
    rows = BulkTarget.objects.filter(bulk=obj).select_related("charge_point", "command")
    skipped = list(rows.filter(state=TargetState.SKIPPED)[: SHOWN // 2])
    others = list(rows.exclude(state=TargetState.SKIPPED).order_by("-command__finished_at", "id")[:SHOWN])
    told = _t("Charge points")
    if progress["total"] > len(skipped) + len(others):
        shown = len(skipped) + len(others)
        told = _t("Charge points ({shown} of {all})").format(shown=shown, all=progress["total"])
    return {
        "key": "targets",
        "title": told,
        "columns": [_("Charge point"), _("State"), _("Answer")],
        "rows": [_row(target) for target in [*skipped, *others]],
    }


def _row(target: BulkTarget) -> list[tuple[Any, Any]]:
    command: Command | None = target.command
    state: Any = badge(TargetState(target.state).label.capitalize(), "mute")
    if command is not None:
        state = link(object_url(command), command_badge(command, timezone.now()))
    return [
        (_("Charge point"), link(object_url(target.charge_point), target.charge_point)),
        (_("State"), state),
        (_("Answer"), target.skip_reason if command is None else answer_words(command)),
    ]
