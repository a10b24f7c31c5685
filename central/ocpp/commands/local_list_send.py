"""Local list: 1.6 SendLocalList (§5.15), 2.x SendLocalList (D01)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command, IdToken
from central.ocpp.intents import answer_of, command, order
from central.ocpp.local_lists import entries_of_text, list_entries, list_number, list_request, with_types
from central.services.local_list_content import Entry, type_in
from central.services.local_lists import (
    DIFFERENTIAL,
    EMPTY,
    FULL,
    NEEDED,
    SEND,
    local_list_accepted,
    local_list_message,
    local_list_order,
    local_list_refused,
)


class LocalListParams(forms.Form):
    """Which list, under which version."""

    update = forms.ChoiceField(
        label=_("What to send"),
        choices=(
            (NEEDED, _("What is needed: the changes, or all where its list is not known")),
            (FULL, _("The full list: it replaces the one that is there")),
            (DIFFERENTIAL, _("The changes only")),
            (EMPTY, _("An empty list: it removes all tags")),
        ),
        initial=NEEDED,
        required=False,
    )
    version = forms.IntegerField(
        label=_("Version"),
        min_value=-(2**31),
        max_value=2**31 - 1,
        required=False,
        help_text=_(
            "Empty: the next one. Changes are refused unless their version is above the one that is there."
            " 0 and -1 mean no list in OCPP."
        ),
    )
    entries = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea,
        help_text=_(
            "Empty: the tags that may charge here. Else a tag each line with its status behind it (Accepted,"
            " Blocked, Expired, Invalid); a tag alone is taken off by a list of changes."
        ),
    )

    def clean_update(self) -> str:
        """What is needed, where nothing is said."""
        return str(self.cleaned_data.get("update") or NEEDED)

    def clean_entries(self) -> str:
        """Raise ValidationError for a line that is no entry."""
        text = str(self.cleaned_data["entries"])
        try:
            entries_of_text(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return text.strip()


def create(*, params: dict[str, Any], **common: Any) -> Command:
    """Queue the list and note the version that is wanted."""
    return local_list_order(params=params, **common)


order(
    SEND,
    _("Send the local list"),
    explain=_(
        "Gives the charge point the tags that it may accept by itself, also while it is offline. A long list"
        " goes in several messages. Where the policy keeps the list in step, the policy's tags follow soon."
    ),
    form=LocalListParams,
    group="authorisation",
    icon="format_list_numbered",
    create=create,
)


@command(SEND)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The message, from the tags as they are when it leaves."""
    text = str(command.params.get("entries", ""))
    if text:
        full = command.params.get("update") in {FULL, EMPTY}
        entries = _typed(version, command, entries_of_text(text))
    else:
        now = command.sent_at or command.created_at
        full, entries = local_list_message(command=command, version=version, now=now)
    number = int(command.params.get("version", 1))
    return "SendLocalList", list_request(version, number, full=full, entries=entries)


def _typed(version: str, command: Command, entries: list[Entry]) -> list[Entry]:
    if version == "1.6":
        return entries
    keys = [entry.uid.upper() for entry in entries]
    known = IdToken.objects.filter(organization_id=command.organization_id, uid_key__in=keys)
    types = {key: type_in(version, name) for key, name in known.values_list("uid_key", "token_type")}
    return with_types(entries, types)


@answer_of("SendLocalList")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted moves the version and the entries; a refused list of changes is followed by the full one."""
    full, status = request["updateType"] == "Full", str(answer["status"])
    if status != "Accepted":
        why = str((answer.get("statusInfo") or {}).get("reasonCode", ""))
        local_list_refused(command=command, status=status, why=why, full=full, now=now)
        return False
    local_list_accepted(
        command=command,
        version=list_number(request),
        full=full,
        entries=list_entries(request),
        ocpp_version="1.6" if "listVersion" in request else command.charge_point.live.ocpp_version,
        now=now,
    )
    return True
