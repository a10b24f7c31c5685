"""Reset: 1.6 Reset (§5.14), 2.x Reset (B11, B12), 2.1 ImmediateAndResume (B13)."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from registry.rights import Right

GENTLE: Final = "gentle"
AT_ONCE: Final = "at_once"
RESUME: Final = "resume"
_TYPES: Final = {
    "1.6": {GENTLE: "Soft", AT_ONCE: "Hard"},
    "2.0.1": {GENTLE: "OnIdle", AT_ONCE: "Immediate"},
    "2.1": {GENTLE: "OnIdle", AT_ONCE: "Immediate", RESUME: "ImmediateAndResume"},
}


class ResetParams(forms.Form):
    """How hard, and which part."""

    kind = forms.ChoiceField(
        label=_("How"),
        choices=(
            (GENTLE, _("Gently: sessions end in order first (Soft, OnIdle)")),
            (AT_ONCE, _("At once: sessions are cut off (Hard, Immediate)")),
            (RESUME, _("At once, sessions go on afterwards (ImmediateAndResume, OCPP 2.1)")),
        ),
        initial=GENTLE,
    )
    evse_number = forms.IntegerField(
        label=_("EVSE"),
        min_value=1,
        required=False,
        help_text=_("OCPP 2.x: only this EVSE. The whole charge point where left out."),
    )


order(
    "reset",
    _("Reset"),
    explain=_("Restarts the charge point. OCPP 2.x waits for running sessions, or cuts them off at once."),
    form=ResetParams,
    icon="restart_alt",
    danger=True,
    later=("evse_number",),
    newest=(f"kind={RESUME}",),
    right=Right.SERVICE,
)


@command("reset")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for what the version cannot say."""
    kind = _TYPES[version].get(command.params["kind"])
    if kind is None:
        raise ValueError(f"OCPP {version} cannot let sessions go on after a reset.")
    request: dict[str, Any] = {"type": kind}
    if command.params.get("evse_number"):
        if version == "1.6":
            raise ValueError("OCPP 1.6 resets the whole charge point only.")
        request["evseId"] = command.params["evse_number"]
    return "Reset", request


@answer_of("Reset")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Scheduled is a yes: it waits for the end of the sessions (B11.FR.07, B12.FR.01)."""
    return answer["status"] in {"Accepted", "Scheduled"}
