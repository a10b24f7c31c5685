"""REST: what every place that sends an order shares: how it may wait, and what its answer says."""

from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from central.api.command_rows import CommandDetailSerializer
from central.consumers.waiting import order_ended
from central.models import Command
from central.models.command import CommandState
from central.ocpp.ordering import order_place
from central.selectors.words import answer_word, deciding_part
from central.services.commands import DEFAULT_TTL, MOST_ATTEMPTS
from central.services.whole_orders import FINAL, first_of
from emobility.lib.clock import utc_now
from emobility.lib.errors import Invalid, NotFound
from emobility.lib.later import Later, hold
from registry.api.base import FaultSerializer
from registry.models import ChargePoint

MOST_SECONDS: Final = 7 * 24 * 3600
MOST_WAIT: Final = 60
STATUS: Final = {
    CommandState.ACCEPTED: 200,
    CommandState.REJECTED: 409,
    CommandState.CANCELLED: 409,
    CommandState.FAILED: 502,
    CommandState.TIMED_OUT: 504,
    CommandState.UNKNOWN: 504,
    CommandState.EXPIRED: 504,
}
"""The state of an order that ended within the time to wait -> the status of the answer."""


class HowSerializer(serializers.Serializer[Any]):
    """How an order is placed; each of these may stand in the query as well."""

    wait = serializers.IntegerField(required=False, default=0, min_value=0, max_value=MOST_WAIT)
    queue = serializers.BooleanField(required=False, default=True)
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    valid_seconds = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SECONDS)
    attempts = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_ATTEMPTS)


class OrderAccepted(serializers.Serializer[Any]):
    """The order is kept; where to ask what became of it."""

    uid = serializers.UUIDField()
    state = serializers.CharField()
    url = serializers.URLField()


class OrderRefused(FaultSerializer):
    """The order did not lead to a yes: `code` is its state, `command` all about it."""

    command = CommandDetailSerializer()


WAIT_PARAMETERS: Final = [
    OpenApiParameter(
        "wait",
        OpenApiTypes.INT,
        description="Seconds to wait for the charge point's answer, at most 60 (also in the body).",
    ),
    OpenApiParameter(
        "queue",
        OpenApiTypes.BOOL,
        description="false: 409 where the charge point is not connected, instead of waiting for it.",
    ),
]
_REFUSED: Final = OpenApiExample(
    "Refused",
    value={"code": "rejected", "detail": "The charge point refused: Rejected.", "command": {}},
    response_only=True,
    status_codes=["409"],
)
ORDER_RESPONSES: Final[dict[int, Any]] = {
    200: OpenApiResponse(CommandDetailSerializer, "Within `wait`: the charge point said yes."),
    202: OpenApiResponse(OrderAccepted, "The order is kept; `Location` tells where to ask."),
    400: OpenApiResponse(FaultSerializer, "A value is wrong, or not for its version; `fields` names it."),
    403: OpenApiResponse(FaultSerializer, "Your role may not order this."),
    404: OpenApiResponse(FaultSerializer, "No such charge point, session or row."),
    409: OpenApiResponse(
        OrderRefused,
        "`rejected`: the charge point said no; `not_connected` with `queue=false`; `queue_full`; `conflict`;"
        " `cancelled`. Only the first and the last have a `command`.",
        examples=[_REFUSED],
    ),
    429: OpenApiResponse(FaultSerializer, "Too many orders in a minute; `Retry-After` tells the seconds."),
    502: OpenApiResponse(
        OrderRefused,
        "`failed`: it answered with an error, or came back with a version that cannot carry the order.",
    ),
    504: OpenApiResponse(OrderRefused, "`timed_out`, `unknown` or `expired`: there was no answer."),
}


def place(
    request: Request,
    order: str,
    charge_point: str,
    params: Any,
    how: dict[str, Any],
    *,
    own_words: bool = False,
    source: str = "api",
) -> Response:
    """Place an order for the caller and answer at once, or when it has ended. Raises ValidationError.

    `own_words`: the parameters stand in the body itself, so a fault names them there.
    """
    user: Any = request.user
    point = ChargePoint.objects.visible_to(user).filter(cp_id=charge_point).first()
    if point is None:
        raise NotFound(_("No such charge point."))
    try:
        command = order_place(
            charge_point=point,
            order=order,
            params=params,
            requested_by=user,
            source=source,
            reason=how["reason"],
            ttl=ttl_of(how),
            attempts=how["attempts"],
            queue=how["queue"],
            now=utc_now(),
        )
    except Invalid as error:
        if "order" in error.fields or (own_words and error.fields):
            raise
        raise serializers.ValidationError({"params": error.fields or [error.message]}) from error
    return told(request, command, how["wait"])


def how_of(request: Request) -> dict[str, Any]:
    """How the order shall be placed, from the query and the body. Raises ValidationError."""
    body = request.data if isinstance(request.data, dict) else {}
    names = list(HowSerializer().get_fields())
    given = {
        name: source[name] for source in (request.query_params, body) for name in names if name in source
    }
    form = HowSerializer(data=given)
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = form.validated_data
    return values


def told(request: Request, command: Command, wait: int) -> Response:
    """202 with the command's address; held up to `wait` seconds for the end of the order."""
    first = first_of(command)
    url = reverse("command-detail", args=[first.uid], request=request)
    body = OrderAccepted({"uid": first.uid, "state": first.outcome, "url": url}).data
    response = Response(body, status=202, headers={"Location": url})
    if wait:
        until = partial(order_ended, first.pk, wait)
        hold(response, Later(until, partial(_finish, response, request, first.pk)))
    return response


def _finish(response: Response, request: Request, command_id: int) -> None:
    """Put what became of the order into the answer; it stays 202 where nothing did yet."""
    rows = CommandDetailSerializer.rows()
    command = rows.filter(pk=command_id).first()
    if command is None:
        return
    if command.outcome in FINAL:
        response.status_code, response.data = answer_of(command, request)
    else:
        response.data["state"] = command.outcome
    response.content = response.rendered_content
    response["Content-Length"] = str(len(response.content))


def answer_of(command: Command, request: Request) -> tuple[int, Any]:
    """Status and body for an order that has ended."""
    body = CommandDetailSerializer(command, context={"request": request}).data
    state = CommandState(command.outcome)
    if state == CommandState.ACCEPTED:
        return STATUS[state], body
    return STATUS[state], {"code": state.value, "detail": _detail(command, state), "command": body}


def _detail(command: Command, state: CommandState) -> str:
    part = deciding_part(command)
    sentences = {
        CommandState.REJECTED: _("The charge point refused: {word}."),
        CommandState.FAILED: _("The order failed: {word}."),
        CommandState.TIMED_OUT: _("The charge point did not answer in time."),
        CommandState.UNKNOWN: _("The connection was lost under way: whether it arrived, nobody knows."),
        CommandState.EXPIRED: _("Its time was up before it could leave."),
        CommandState.CANCELLED: _("It was taken back."),
    }
    word = part.error or (answer_word(part.answer) if state == CommandState.REJECTED else "")
    if word == "Accepted":  # it said so, and yet what it said was no yes to this order
        word = ""
    return str(sentences[state]).format(word=word.rstrip(".") or state.label)


def ttl_of(how: dict[str, Any]) -> timedelta:
    """How long it is valid; what may not queue has no more time than its answer."""
    valid = timedelta(seconds=how["valid_seconds"]) if "valid_seconds" in how else DEFAULT_TTL
    if how["queue"]:
        return valid
    return min(valid, timedelta(seconds=max(how["wait"], settings.OCPP_COMMAND_TIMEOUT)))
