"""What can be done to a charge point from its page."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from central.models import Connector, IdToken, Session
from central.models.charge_point_status import BootStatus
from central.models.session import SessionState
from central.ocpp.boots import boot_ask
from central.services.acceptance import charge_point_accept
from central.services.commands import remote_start, remote_stop
from central.services.disconnections import charge_point_disconnect
from registry.admin.actions import ObjectAction, Outcome, Secret
from registry.admin.enrolment_tokens import issue_token
from registry.admin.requests import remote_address
from registry.models import ChargePoint
from registry.rights import Right
from registry.services.registrations import charge_point_deregister, charge_point_password_renew

MOST_TAGS = 100


class StartForm(forms.Form):
    """For whom, and where."""

    id_tag = forms.CharField(
        label=_("Tag"),
        max_length=36,
        widget=UnfoldAdminTextInputWidget({"list": "em-tags", "autocomplete": "off"}),
        help_text=_("The driver's tag. Known tags are suggested."),
    )
    evse_number = forms.TypedChoiceField(
        label=_("Connector"), coerce=int, empty_value=None, required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, data: Any, charge_point: ChargePoint) -> None:
        super().__init__(data)
        plugs = Connector.objects.filter(charge_point=charge_point).select_related("evse")
        numbers = {plug.evse.number: plug for plug in plugs.order_by("evse__number", "-number")}
        choice: Any = self.fields["evse_number"]
        choice.choices = [("", _("Any free one"))] + [
            (number, f"{number} · {plug.status or _('unknown')}") for number, plug in sorted(numbers.items())
        ]
        tags = IdToken.objects.filter(organization_id=charge_point.organization_id, blocked=False)
        self.tags = list(tags.values_list("uid", "holder")[:MOST_TAGS])


class StopForm(forms.Form):
    """Which session."""

    session = forms.ModelChoiceField(
        Session.objects.none(),
        label=_("Session"),
        empty_label=None,
        widget=UnfoldAdminRadioSelectWidget,
    )

    def __init__(self, data: Any, charge_point: ChargePoint) -> None:
        super().__init__(data)
        field: Any = self.fields["session"]
        field.queryset = running(charge_point)
        field.label_from_instance = lambda session: _t("Connector {number}, tag {tag}, {energy} kWh").format(
            number=session.evse_number, tag=session.id_tag, energy=session.energy_wh / 1000
        )
        field.initial = field.queryset.first()


class EnrolForm(forms.Form):
    """How long, how often; the id is the charge point's."""

    hours = forms.IntegerField(
        label=_("Good for (hours)"),
        initial=24,
        min_value=1,
        max_value=8760,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reissue = forms.BooleanField(
        label=_("May replace the credentials that it has now"),
        initial=True,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )


def running(charge_point: ChargePoint) -> Any:
    """The charge point's running sessions."""
    return Session.objects.filter(charge_point=charge_point, state=SessionState.ACTIVE).order_by(
        "evse_number"
    )


def _start(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    remote_start(
        charge_point=obj,
        id_tag=values["id_tag"],
        evse_number=values["evse_number"],
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("The start is ordered. The charge point's answer appears below.")


def _stop(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    session = values["session"]
    remote_stop(session=session, requested_by=user, source="admin", now=timezone.now())
    return _t("The stop is ordered. The charge point's answer appears below.")


def _enrol(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    scope = {"organization": obj.organization, "cp_id": obj.cp_id, "max_uses": 1, "site": obj.site}
    return issue_token(request, {**scope, **values})


def _deregister(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    charge_point_deregister(actor=user, cp_id=obj.cp_id, address=remote_address(request), now=timezone.now())
    return _t("{name} is deregistered; its connection closes now.").format(name=obj.cp_id)


def _disconnect(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    address = remote_address(request)
    charge_point_disconnect(charge_point=obj, requested_by=user, remote_address=address, now=timezone.now())
    return _t("{name} is disconnected. It may connect again by itself.").format(name=obj.cp_id)


def _accept(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    charge_point_accept(charge_point=obj, actor=user, now=timezone.now())
    boot_ask(charge_point=obj, requested_by=user, source="admin", now=timezone.now())
    if "connecting" in request.GET:  # whoever watches it arrive goes on watching
        return HttpResponseRedirect(reverse("admin:registry_chargepoint_connect", args=[obj.pk]))
    return _t("{name} is accepted; it serves from its next boot message on.").format(name=obj.cp_id)


def _new_password(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    address = remote_address(request)
    password = charge_point_password_renew(actor=user, charge_point=obj, address=address, now=timezone.now())
    facts = {_t("Charge point"): obj.cp_id, _t("User name"): obj.cp_id}
    return Secret(_t("Password"), password, facts, _t("Type it into the charge point."))


def _waits_not(obj: Any) -> str:
    live = getattr(obj, "live", None)
    waits = live is not None and live.boot_status == BootStatus.PENDING and live.accepted_at is None
    return "" if waits else _t("It does not wait to be accepted.")


def _not_registered(obj: Any) -> str:
    return "" if obj.is_registered else _t("It is deregistered.")


def _not_connected(obj: Any) -> str:
    live = getattr(obj, "live", None)
    return "" if live is not None and live.is_online else _t("It is not connected.")


def _no_session(obj: Any) -> str:
    known = getattr(obj, "running", None)
    return "" if (running(obj).exists() if known is None else known) else _t("No session runs here.")


ACTIONS = (
    ObjectAction(
        slug="remote-start",
        label=_("Start charging"),
        explain=_(
            "Asks the charge point to begin a session for a tag. If it is offline the order waits for five"
            " minutes."
        ),
        right=Right.OPERATE,
        run=_start,
        form=lambda data, request, obj: StartForm(data, obj),
        hindrance=_not_registered,
        icon="play_arrow",
    ),
    ObjectAction(
        slug="remote-stop",
        label=_("Stop charging"),
        explain=_("Asks the charge point to end a session. The driver's car stops charging."),
        right=Right.OPERATE,
        run=_stop,
        form=lambda data, request, obj: StopForm(data, obj),
        hindrance=_no_session,
        danger=True,
        icon="stop",
    ),
    ObjectAction(
        slug="enrolment-token",
        label=_("Enrolment token"),
        explain=_("Makes a token with which this charge point can register again and get new credentials."),
        right=Right.ENROL,
        run=_enrol,
        form=lambda data, request, obj: EnrolForm(data),
        icon="key",
    ),
    ObjectAction(
        slug="accept",
        label=_("Accept"),
        explain=_("It waits since its boot. Once accepted it serves drivers from its next boot on."),
        right=Right.ENROL,
        run=_accept,
        hindrance=_waits_not,
        icon="check_circle",
    ),
    ObjectAction(
        slug="new-password",
        label=_("New password"),
        explain=_(
            "Makes a new password and shows it once. The old one dies at once: a connected charge point stays"
            " out until the new one is typed into it."
        ),
        right=Right.ENROL,
        run=_new_password,
        hindrance=_not_registered,
        ask=True,
        danger=True,
        icon="password",
    ),
    ObjectAction(
        slug="disconnect",
        label=_("Disconnect"),
        explain=_(
            "Closes its connection, for one that hangs. It stays registered and usually connects again by"
            " itself; sessions go on, and an order under way ends as unknown."
        ),
        right=Right.SERVICE,
        run=_disconnect,
        hindrance=_not_connected,
        ask=True,
        danger=True,
        icon="power_off",
    ),
    ObjectAction(
        slug="deregister",
        label=_("Deregister"),
        explain=_(
            "Its secret and tokens die at once and its connection is closed; a session that runs now may be"
            " cut off. Its history stays. To use it again it must enrol anew."
        ),
        right=Right.ENROL,
        run=_deregister,
        hindrance=_not_registered,
        ask=True,
        danger=True,
        icon="link_off",
    ),
)
