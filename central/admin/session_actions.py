"""What can be done to a session from its page."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from central.models import Session
from central.models.session import SessionState
from central.services.commands import remote_stop
from central.services.session_close import session_close
from registry.admin.actions import ObjectAction, Outcome
from registry.admin.requests import remote_address
from registry.rights import Right


class CloseForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For the audit trail and whoever reviews the bill."),
    )


def _stop(request: HttpRequest, obj: Session, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    remote_stop(session=obj, requested_by=user, source="admin", now=timezone.now())
    return _t("The stop is ordered. The session ends when the charge point says so.")


def _close(request: HttpRequest, obj: Session, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    session_close(
        session=obj,
        reason=values["reason"],
        requested_by=user,
        remote_address=remote_address(request),
        now=timezone.now(),
    )
    return _t("The session is closed at its last meter value. Its bill waits for a review.")


def _ended(obj: Any) -> str:
    return "" if obj.state == SessionState.ACTIVE else _t("It has ended already.")


ACTIONS = (
    ObjectAction(
        slug="remote-stop",
        label=_("Stop charging"),
        explain=_("Asks the charge point to end this session. The driver's car stops charging."),
        right=Right.OPERATE,
        run=_stop,
        hindrance=_ended,
        ask=True,
        danger=True,
        icon="stop",
    ),
    ObjectAction(
        slug="close",
        label=_("Close by hand"),
        explain=_(
            "For a session whose charge point will never report the end. It ends at the last meter value and"
            " its bill is held for review. It stops no car: if the charge point reports more, that counts."
        ),
        right=Right.OPERATE,
        run=_close,
        form=lambda data, request, obj: CloseForm(data),
        hindrance=_ended,
        danger=True,
        icon="cancel",
    ),
)
