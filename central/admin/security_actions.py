"""What can be done about a charge point's security from its page."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from central.services.security_profiles import profile_reset
from registry.admin.actions import ObjectAction, Outcome
from registry.models import ChargePoint
from registry.rights import Right

PROFILES: Final = {
    0: _("0: no proof yet"),
    1: _("1: password, without TLS"),
    2: _("2: password over TLS"),
    3: _("3: client certificate over TLS"),
}


class ResetForm(forms.Form):
    """To which profile."""

    profile = forms.TypedChoiceField(label=_("Least profile"), coerce=int, widget=UnfoldAdminSelectWidget)

    def __init__(self, data: Any, charge_point: ChargePoint) -> None:
        super().__init__(data)
        field: Any = self.fields["profile"]
        field.choices = [(number, PROFILES[number]) for number in range(charge_point.security_profile)]


def _reset(request: HttpRequest, obj: ChargePoint, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    profile_reset(charge_point=obj, profile=values["profile"], actor=user, now=timezone.now())
    return _t("The charge point may connect with the lower profile; the one that it uses counts again.")


SECURITY_ACTIONS: Final = (
    ObjectAction(
        slug="reset-security-profile",
        label=_("Reset security profile"),
        explain=_(
            "Lets the charge point connect with a lower security profile than before. Do this only when you"
            " know why it fell back: somebody may be pretending to be it."
        ),
        right=Right.MANAGE,
        run=_reset,
        form=lambda data, request, obj: ResetForm(data, obj),
        hindrance=lambda obj: "" if obj.security_profile else _t("It has used no profile yet."),
        danger=True,
        icon="lock_reset",
    ),
)
