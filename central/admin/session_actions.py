"""What can be done to a session from its page."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Session
from central.models.session import SessionState
from central.services.commands import remote_stop
from registry.admin.actions import ObjectAction, Outcome
from registry.rights import Right


def _stop(request: HttpRequest, obj: Session, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    remote_stop(session=obj, requested_by=user, source="admin", now=timezone.now())
    return _t("The stop is ordered. The session ends when the charge point says so.")


ACTIONS = (
    ObjectAction(
        slug="remote-stop",
        label=_("Stop charging"),
        explain=_("Asks the charge point to end this session. The driver's car stops charging."),
        right=Right.OPERATE,
        run=_stop,
        hindrance=lambda obj: "" if obj.state == SessionState.ACTIVE else _t("It has ended already."),
        ask=True,
        danger=True,
        icon="stop",
    ),
)
