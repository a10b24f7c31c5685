"""The form of a tag: the EVSEs to which it is limited are written as charge point and number."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from central.models import Evse, IdToken

MOST_PLACES: Final = 20


class IdTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A tag, who holds it, and where it may charge."""

    evse_places = forms.CharField(
        label=_("Only at these EVSEs"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "Charge point and EVSE, like CP-1/2, several with commas. Charge points with OCPP 2.x are told."
        ),
    )

    class Meta:
        model = IdToken
        exclude = ("evses",)  # noqa: DJ006 -- the admin names the fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["evse_places"] = places_of(self.instance)

    def clean_evse_places(self) -> list[Evse]:
        """The EVSEs of the tag's organisation. Raise ValidationError for an unknown one."""
        owner = self.cleaned_data.get("organization") or self.instance.organization_id
        owner = owner or getattr(self, "owner_id", None)
        found = []
        for text in str(self.cleaned_data["evse_places"]).split(","):
            place = text.strip()
            if place:
                found.append(_evse(place, owner))
        return found

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if "evse_places" in self.cleaned_data:
            self.instance.evses.set(self.cleaned_data["evse_places"])


def places_of(token: IdToken) -> str:
    """The EVSEs of a tag as its form writes them."""
    evses = token.evses.select_related("charge_point")[:MOST_PLACES]
    return ", ".join(f"{evse.charge_point.cp_id}/{evse.number}" for evse in evses)


def limit_words(limit: int | None) -> Any:
    """How many sessions at once."""
    if limit is None:
        return _("as the policy says")
    return limit or _("any number")


def _evse(place: str, owner: Any) -> Evse:
    cp_id, _slash, number = place.rpartition("/")
    rows = Evse.objects.filter(
        charge_point__cp_id=cp_id.strip(), charge_point__organization_id=getattr(owner, "pk", owner)
    )
    evse = rows.filter(number=int(number)).first() if number.strip().isdecimal() else None
    if evse is None:
        raise ValidationError(_("There is no EVSE {place}; write CP-1/2.").format(place=place[:60]))
    return evse
