"""What a person can do with a partner: check, pull, suspend, rotate, approve, tolerate, end."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from ocpi.admin.probes import CHECK
from ocpi.core.leniency import tolerates
from ocpi.models import Partner
from ocpi.models.deviation import Sloppiness
from ocpi.models.partner import PartnerStatus
from ocpi.services.handshake import partner_rotate
from ocpi.services.partner_changes import partner_change_approve, partner_change_reject
from ocpi.services.partners import (
    partner_leniency_set,
    partner_resume,
    partner_suspend,
    partner_unregister,
)
from ocpi.services.pull_states import pulls_ask
from ocpi.tasks import poke_pull
from registry.admin.actions import ObjectAction
from registry.rights import Right


def _suspend(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_suspend(partner=obj, actor=user, now=timezone.now())
    return _t("The partner is suspended.")


def _resume(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_resume(partner=obj, actor=user, now=timezone.now())
    return _t("The partner is active again.")


def _rotate(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_rotate(partner=obj, actor=user, now=timezone.now())
    return _t("Both sides have new tokens.")


def _unregister(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_unregister(partner=obj, actor=user, now=timezone.now())
    return _t("The registration has ended.")


def _only(status: PartnerStatus, sentence: Any) -> Any:
    return lambda obj: "" if obj.status == status else str(sentence)


def _pull(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    count = pulls_ask(partner=obj, full=False, now=timezone.now())
    poke_pull()
    return _t("{n} lists are read now.").format(n=count)


def _approve(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_change_approve(partner=obj, actor=user, now=timezone.now())
    return _t("The partner may be what it wants to be; it can send its credentials again.")


def _reject(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_change_reject(partner=obj, actor=user, now=timezone.now())
    return _t("The partner stays as it is.")


class LeniencyForm(forms.Form):
    """A switch for each kind of sloppiness."""

    def __init__(self, data: Any, request: HttpRequest, obj: Partner) -> None:
        super().__init__(data)
        for kind in Sloppiness:
            self.fields[kind.value] = forms.BooleanField(
                label=kind.label,
                required=False,
                initial=tolerates(obj, kind),
                widget=UnfoldBooleanSwitchWidget,
            )


def _tolerate(request: HttpRequest, obj: Partner, values: dict[str, Any]) -> str:
    user: Any = request.user
    partner_leniency_set(partner=obj, profile=values, actor=user, now=timezone.now())
    return _t("The profile holds from the next message on.")


def _change_hindrance(obj: Partner) -> str:
    return "" if obj.proposed_roles else _t("No change waits.")


ACTIONS = (
    CHECK,
    ObjectAction(
        slug="pull",
        label=_("Pull now"),
        explain=_("Reads what is new in the partner's lists."),
        right=Right.MANAGE,
        run=_pull,
        hindrance=_only(PartnerStatus.ACTIVE, _("It is not active.")),
        icon="sync",
    ),
    ObjectAction(
        slug="suspend",
        label=_("Suspend"),
        explain=_("Refuses everything that the partner asks and sends it nothing, until you resume it."),
        right=Right.MANAGE,
        run=_suspend,
        hindrance=_only(PartnerStatus.ACTIVE, _("It is not active.")),
        ask=True,
        icon="pause",
    ),
    ObjectAction(
        slug="resume",
        label=_("Resume"),
        explain=_("Ends the suspension; what waits is sent."),
        right=Right.MANAGE,
        run=_resume,
        hindrance=_only(PartnerStatus.SUSPENDED, _("It is not suspended.")),
        icon="play_arrow",
    ),
    ObjectAction(
        slug="rotate",
        label=_("Rotate tokens"),
        explain=_("Exchanges new tokens with the partner now (OCPI credentials PUT)."),
        right=Right.MANAGE,
        run=_rotate,
        hindrance=_only(PartnerStatus.ACTIVE, _("It is not active.")),
        ask=True,
        icon="autorenew",
    ),
    ObjectAction(
        slug="tolerate",
        label=_("Leniency"),
        explain=_("What is let pass of this partner's deviations; what is not is refused (2001)."),
        right=Right.MANAGE,
        run=_tolerate,
        form=LeniencyForm,
        icon="tune",
    ),
    ObjectAction(
        slug="approve",
        label=_("Approve change"),
        explain=_("Lets the partner be the parties and roles that it wants to be."),
        right=Right.MANAGE,
        run=_approve,
        hindrance=_change_hindrance,
        ask=True,
        icon="how_to_reg",
    ),
    ObjectAction(
        slug="reject",
        label=_("Reject change"),
        explain=_("Leaves the partner as it is."),
        right=Right.MANAGE,
        run=_reject,
        hindrance=_change_hindrance,
        ask=True,
        icon="person_off",
    ),
    ObjectAction(
        slug="unregister",
        label=_("Unregister"),
        explain=_(
            "Tells the partner and forgets both tokens. What was exchanged stays; to go on it registers anew."
        ),
        right=Right.MANAGE,
        run=_unregister,
        hindrance=lambda obj: "" if obj.status != PartnerStatus.INACTIVE else _t("It is not registered."),
        ask=True,
        danger=True,
        icon="link_off",
    ),
)
