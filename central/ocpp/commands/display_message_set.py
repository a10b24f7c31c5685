"""Set a display message: SetDisplayMessage (2.x O01, O02, O06)."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command, Session
from central.models.session import SessionState
from central.ocpp.display import FORMATS, FORMATS_2_1, PRIORITIES, STATES, STATES_2_1, info_of, text_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.vocabulary import parse_time
from central.services.display_messages import (
    SET,
    Text,
    display_message_answered,
    display_message_request,
)
from registry.models import ChargePoint

LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4})?"
TRANSLATION = re.compile(rf"\s*({LANGUAGE})\s*:\s*(\S.*?)\s*")
MOST_TRANSLATIONS = 4
CONTENT_LIMIT_2_0_1 = 512
PRIORITY_WORDS = {
    "NormalCycle": _("in turn with others"),
    "InFront": _("before those in turn"),
    "AlwaysFront": _("always in front; replaces the one before"),
}


class SetParams(forms.Form):
    """The text in its languages, when and where it is shown."""

    text = forms.CharField(label=_("Text"), max_length=1024, widget=forms.Textarea({"rows": 3}))
    language = forms.RegexField(
        f"^{LANGUAGE}$", label=_("Language"), max_length=8, required=False, help_text=_("en, de, en-US ...")
    )
    translations = forms.CharField(
        label=_("In other languages"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line, four at most: fr: Bonjour. OCPP 2.1; for 2.0.1 set one message for each."),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(name, name) for name in (*FORMATS, *FORMATS_2_1)],
        required=False,
        help_text=_("UTF8 if left out. QRCODE is known to OCPP 2.1 alone."),
    )
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=[(name, PRIORITY_WORDS[name]) for name in reversed(PRIORITIES)],
        required=False,
        help_text=_("In turn with others, if left out."),
    )
    shown_state = forms.ChoiceField(
        label=_("Only while it is"),
        choices=[("", _("in any state")), *((name, name) for name in (*STATES, *STATES_2_1))],
        required=False,
        help_text=_("Suspended and Discharging are known to OCPP 2.1 alone."),
    )
    starts_at = forms.DateTimeField(label=_("From"), required=False)
    ends_at = forms.DateTimeField(label=_("Until"), required=False, help_text=_("It removes it then."))
    transaction = forms.CharField(
        label=_("Only during the session"),
        max_length=36,
        required=False,
        help_text=_("Our session id or the charge point's transaction id; it goes when the session ends."),
    )
    display_evse = forms.IntegerField(
        label=_("Only on the display of EVSE"), min_value=1, required=False, help_text=_("The main one else.")
    )
    number = forms.IntegerField(
        label=_("Instead of message"),
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text=_("The number of a message that this one replaces."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the sessions that run there."""
        running = Session.objects.filter(charge_point=charge_point, state=SessionState.ACTIVE)
        names = [(each.transaction_id, f"{each.evse_number} · {each.id_tag}") for each in running[:20]]
        self.fields["transaction"] = forms.ChoiceField(
            label=self.fields["transaction"].label,
            choices=[("", _("whether one runs or not")), *names],
            required=False,
            help_text=_("It goes when the session ends."),
        )

    def clean_translations(self) -> str:
        """The lines as they stand. Raises ValidationError for one that is none."""
        text = str(self.cleaned_data["translations"]).strip()
        lines = [line for line in text.splitlines() if line.strip()]
        found = _translations(text)
        if len(found) < len(lines):
            raise forms.ValidationError(_("Each line is a language of its own, a colon and the text."))
        if len(found) > MOST_TRANSLATIONS:
            raise forms.ValidationError(_("Four other languages at most."))
        return text

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _t("This is before the beginning."))
        return values


def _translations(text: str) -> dict[str, str]:
    """`{language: text}` of the lines that name both."""
    matches = (TRANSLATION.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2] for match in matches if match}


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the message; a session of ours is named as the charge point knows it."""
    if "transaction" in params:
        params = params | {"transaction": _transaction_id(charge_point, params["transaction"])}
    return display_message_request(
        charge_point=charge_point,
        number=params.get("number"),
        text=_text(params),
        order=SET,
        params=params,
        now=now,
        **common,
    )


def _transaction_id(charge_point: ChargePoint, name: str) -> str:
    try:
        ours = Session.objects.filter(charge_point=charge_point, uid=UUID(name)).first()
    except ValueError:
        return name
    return ours.transaction_id if ours else name


def _text(params: dict[str, Any]) -> Text:
    kind = params.get("format", "UTF8")
    texts = [
        (params.get("language", ""), params["text"]),
        *_translations(params.get("translations", "")).items(),
    ]
    evse = params.get("display_evse")
    return Text(
        priority=params.get("priority", "NormalCycle"),
        contents=[{"format": kind, "language": language, "content": text} for language, text in texts],
        shown_state=params.get("shown_state", ""),
        starts_at=parse_time(params["starts_at"]) if "starts_at" in params else None,
        ends_at=parse_time(params["ends_at"]) if "ends_at" in params else None,
        transaction_id=params.get("transaction", ""),
        display={"name": "Display", "evse": {"id": evse}} if evse else None,
    )


order(
    SET,
    _("Show a message"),
    explain=_("Puts a text on the charge point's display. Whoever stands there reads it."),
    form=SetParams,
    group="display",
    icon="add_comment",
    create=create,
)


@command(SET, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, under the number of ours. Raises ValueError for what 2.0.1 cannot say."""
    text = _text(command.params)
    if version == "2.0.1":
        _check_2_0_1(text)
    return "SetDisplayMessage", {"message": info_of(command.params["number"], text)}


def _check_2_0_1(text: Text) -> None:
    if len(text.contents) > 1:
        raise ValueError("OCPP 2.0.1 takes one language a message: set one message for each.")
    if len(text.contents[0]["content"]) > CONTENT_LIMIT_2_0_1:
        raise ValueError(f"OCPP 2.0.1 takes texts of up to {CONTENT_LIMIT_2_0_1} characters.")
    if text.contents[0]["format"] in FORMATS_2_1 or text.shown_state in STATES_2_1:
        raise ValueError("OCPP 2.0.1 does not know this format or state.")


@answer_of("SetDisplayMessage", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Installed, or why not."""
    message = request["message"]
    return display_message_answered(
        command=command, number=message["id"], text=text_of(message), status=answer["status"], now=now
    )
