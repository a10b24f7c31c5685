"""What can be decided of a case of the review queue, and how a CDR that is out is corrected."""

from datetime import UTC
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from billing.models import Cdr, Review
from billing.models.cdr import CdrKind
from billing.services.cdrs import Repair
from billing.services.review_decisions import (
    Act,
    cdr_correct,
    review_accept,
    review_dismiss,
    review_link,
    review_repair,
    review_waive,
)
from billing.services.review_proposals import repair_proposed, session_proposed, sessions_linkable
from central.models.session import SessionState
from central.services.quarantine import is_linkable
from registry.admin.actions import ObjectAction, Outcome
from registry.admin.requests import remote_address
from registry.rights import Right

MOMENT_INPUT = {"type": "datetime-local", "step": "1"}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For the audit trail, and for whoever asks later."),
    )


class RepairForm(ReasonForm):
    """What counts instead of what was reported; the proposal stands in it already."""

    energy_wh = forms.IntegerField(
        label=_("Energy (Wh)"), min_value=0, max_value=2**53, widget=UnfoldAdminTextInputWidget
    )
    started_at = forms.DateTimeField(
        label=_("Started (UTC)"), widget=UnfoldAdminTextInputWidget(attrs=MOMENT_INPUT)
    )
    ended_at = forms.DateTimeField(
        label=_("Ended (UTC)"), widget=UnfoldAdminTextInputWidget(attrs=MOMENT_INPUT)
    )

    field_order = ("energy_wh", "started_at", "ended_at", "reason")

    @property
    def repair(self) -> Repair:
        """The values as the service takes them."""
        values = self.cleaned_data
        return Repair(values["energy_wh"], values["started_at"], values["ended_at"])

    def clean(self) -> dict[str, Any]:
        """With the repair."""
        values: dict[str, Any] = super().clean() or {}
        return values if self.errors else values | {"repair": self.repair}


class LinkForm(ReasonForm):
    """The session that a stop was of, the likeliest chosen."""

    session = forms.ChoiceField(label=_("Session"), widget=UnfoldAdminSelectWidget)

    field_order = ("session", "reason")

    def __init__(self, data: Any, review: Review) -> None:
        super().__init__(data)
        self.sessions = {str(each.pk): each for each in sessions_linkable(review)}
        field: Any = self.fields["session"]
        field.choices = [
            (
                key,
                f"{each.transaction_id} · {each.started_at:%Y-%m-%d %H:%M} UTC · {each.get_state_display()}",
            )
            for key, each in self.sessions.items()
        ]
        likely = session_proposed(review.event) if review.event else None
        self.initial["session"] = str(likely.pk) if likely else None

    def clean(self) -> dict[str, Any]:
        """With the session itself."""
        values: dict[str, Any] = super().clean() or {}
        return values | {"chosen": self.sessions.get(values.get("session", ""))}


def _repair_form(data: Any, request: HttpRequest, review: Review) -> forms.Form:
    if review.session is None:
        return RepairForm(data)
    return RepairForm(data, initial=_initial(repair_proposed(review.session, review.reasons).repair))


def _correct_form(data: Any, request: HttpRequest, cdr: Cdr) -> forms.Form:
    return RepairForm(data, initial=_initial(Repair(cdr.energy_wh, cdr.started_at, cdr.ended_at)))


def _initial(repair: Repair) -> dict[str, Any]:
    """As the form begins: whole seconds in UTC, as the browser's field writes them."""
    times = {"started_at": repair.started_at, "ended_at": repair.ended_at}
    return {"energy_wh": repair.energy_wh} | {
        name: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" for name, at in times.items()
    }


def _reason_form(data: Any, request: HttpRequest, obj: Any) -> forms.Form:
    return ReasonForm(data)


def _act(request: HttpRequest, values: dict[str, Any]) -> Act:
    user: Any = request.user
    return Act(user, values["reason"], remote_address(request))


def _accept(request: HttpRequest, obj: Review, values: dict[str, Any]) -> Outcome:
    review_accept(review=obj, act=_act(request, values), now=timezone.now())
    return _t("It is billed as reported.")


def _repair(request: HttpRequest, obj: Review, values: dict[str, Any]) -> Outcome:
    review_repair(review=obj, repair=values["repair"], act=_act(request, values), now=timezone.now())
    return _t("It is billed as repaired.")


def _waive(request: HttpRequest, obj: Review, values: dict[str, Any]) -> Outcome:
    review_waive(review=obj, act=_act(request, values), now=timezone.now())
    return _t("Nothing is billed.")


def _link(request: HttpRequest, obj: Review, values: dict[str, Any]) -> Outcome:
    review_link(review=obj, session=values["chosen"], act=_act(request, values), now=timezone.now())
    return _t("The message ended the session; its CDR follows from that.")


def _dismiss(request: HttpRequest, obj: Review, values: dict[str, Any]) -> Outcome:
    review_dismiss(review=obj, act=_act(request, values), now=timezone.now())
    return _t("It is kept as evidence.")


def _correct(request: HttpRequest, obj: Cdr, values: dict[str, Any]) -> Outcome:
    cdr_correct(cdr=obj, repair=values["repair"], act=_act(request, values), now=timezone.now())
    return _t("A credit and a replacement are made. Partners get both.")


def _credit(request: HttpRequest, obj: Cdr, values: dict[str, Any]) -> Outcome:
    cdr_correct(cdr=obj, repair=None, act=_act(request, values), now=timezone.now())
    return _t("It is credited. Nothing is billed for this session.")


def _bill_hindrance(review: Review) -> str:
    if not review.is_open:
        return _t("It was decided already.")
    if review.event_id is not None:
        return _t("This is a message, not a bill.")
    running = review.session is not None and review.session.state != SessionState.ENDED
    return _t("The session runs: its bill is decided when it has ended.") if running else ""


def _message_hindrance(review: Review) -> str:
    if not review.is_open:
        return _t("It was decided already.")
    return _t("This is a bill, not a message.") if review.event_id is None else ""


def _link_hindrance(review: Review) -> str:
    reason = _message_hindrance(review)
    if reason or review.event is None or is_linkable(review.event):
        return reason
    return _t("Only the end of an OCPP 1.6 session can be linked: other messages carry no end.")


def _correct_hindrance(cdr: Cdr) -> str:
    if cdr.kind == CdrKind.CREDIT:
        return _t("A credit is not corrected.")
    return "" if cdr.ready_for_delivery else _t("It waits in the review queue: decide there.")


REVIEW_ACTIONS = (
    ObjectAction(
        slug="accept",
        label=_("Bill as reported"),
        explain=_("Releases the CDR as it is: partners get it, and it counts."),
        right=Right.OPERATE,
        run=_accept,
        form=_reason_form,
        hindrance=_bill_hindrance,
        icon="check",
    ),
    ObjectAction(
        slug="repair",
        label=_("Bill repaired"),
        explain=_("Makes a CDR with the energy and the times that you enter; the session stays as reported."),
        right=Right.OPERATE,
        run=_repair,
        form=_repair_form,
        hindrance=_bill_hindrance,
        icon="build",
    ),
    ObjectAction(
        slug="waive",
        label=_("Bill nothing"),
        explain=_("No CDR goes to anybody; what had gone out is credited."),
        right=Right.OPERATE,
        run=_waive,
        form=_reason_form,
        hindrance=_bill_hindrance,
        danger=True,
        icon="money_off",
    ),
    ObjectAction(
        slug="link",
        label=_("Link to a session"),
        explain=_("Ends the session with this message, in place of the end that it has; the CDR follows."),
        right=Right.OPERATE,
        run=_link,
        form=lambda data, request, obj: LinkForm(data, obj),
        hindrance=_link_hindrance,
        icon="link",
    ),
    ObjectAction(
        slug="dismiss",
        label=_("Keep as evidence"),
        explain=_("The message stays in quarantine and bills nothing."),
        right=Right.OPERATE,
        run=_dismiss,
        form=_reason_form,
        hindrance=_message_hindrance,
        icon="archive",
    ),
)
CDR_ACTIONS = (
    ObjectAction(
        slug="correct",
        label=_("Correct"),
        explain=_("Credits this CDR and makes a new one with what you enter. Partners get both."),
        right=Right.MANAGE,
        run=_correct,
        form=_correct_form,
        hindrance=_correct_hindrance,
        icon="build",
    ),
    ObjectAction(
        slug="credit",
        label=_("Credit"),
        explain=_("Takes this CDR back whole: nothing is billed for the session."),
        right=Right.MANAGE,
        run=_credit,
        form=_reason_form,
        hindrance=_correct_hindrance,
        danger=True,
        icon="undo",
    ),
)
