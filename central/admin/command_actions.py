"""What can be done to a command from its page."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.command import CommandState
from central.ocpp.ordering import order_cancel, order_retry, retry_hindrance
from registry.admin.actions import ObjectAction, Outcome
from registry.rights import Right


def _cancel(request: HttpRequest, obj: Command, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_cancel(command=obj, requested_by=user, now=timezone.now())
    return _t("The command is cancelled.")


def _retry(request: HttpRequest, obj: Command, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_retry(command=obj, requested_by=user, now=timezone.now())
    return _t("The same order is queued again, as a new command.")


ACTIONS = (
    ObjectAction(
        slug="cancel",
        label=_("Cancel"),
        explain=_("Takes the order back while it waits for the charge point, or for another attempt."),
        right=Right.SERVICE,
        run=_cancel,
        hindrance=lambda obj: "" if obj.state == CommandState.QUEUED else _t("It has left already."),
        icon="close",
    ),
    ObjectAction(
        slug="retry",
        label=_("Retry"),
        explain=_("Queues the same order again."),
        right=Right.SERVICE,
        run=_retry,
        hindrance=retry_hindrance,
        ask=True,
        icon="replay",
    ),
)
