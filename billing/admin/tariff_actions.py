"""What can be done to a tariff: a new version instead of a change, put in force, taken out of force."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from billing.admin.assignment_forms import AssignForm
from billing.admin.tariff_forms import PriceForm
from billing.admin.tariff_trial import TrialForm, trial_page
from billing.models import Tariff, TariffAssignment
from billing.selectors.tariffs_in_force import valid_version
from billing.services.assignment_words import assignment_words, place_words, whom_words
from billing.services.tariff_structure import TariffStructure
from billing.services.tariffs import (
    tariff_assign,
    tariff_assignment_end,
    tariff_version_create,
    version_structure,
)
from registry.admin.actions import ObjectAction, Outcome
from registry.admin.requests import remote_address
from registry.rights import Right
from registry.services.audit import audit_record


def current_structure(tariff: Tariff) -> TariffStructure | None:
    """What the tariff charges now, or will first charge."""
    versions = list(tariff.versions.all())
    version = valid_version(versions, timezone.now()) or (versions[0] if versions else None)
    return version_structure(version) if version is not None else None


def audit(request: HttpRequest, tariff: Tariff, verb: str, **after: Any) -> None:
    """Write down who did it."""
    user: Any = request.user
    audit_record(
        actor=user,
        action=f"tariff.{verb}",
        organization_id=tariff.organization_id,
        object_type="tariff",
        object_id=str(tariff.pk),
        after={"name": tariff.name} | after,
        remote_address=remote_address(request),
        now=timezone.now(),
    )


class VersionForm(PriceForm):
    """The prices of the present version, to be changed."""

    def __init__(self, data: Any, request: HttpRequest, tariff: Tariff) -> None:
        super().__init__(data, tariff.organization, current_structure(tariff))
        self.fields["valid_from"].widget.attrs["min"] = f"{timezone.now():%Y-%m-%dT%H:%M}"

    def clean(self) -> dict[str, Any]:
        """With the structure that the service takes (raises Invalid)."""
        values: dict[str, Any] = super().clean() or {}
        return values | {"form": self}


def _new_version(request: HttpRequest, obj: Tariff, values: dict[str, Any]) -> Outcome:
    version = tariff_version_create(tariff=obj, now=timezone.now(), **values["form"].structure())
    audit(request, obj, "version_added", number=version.number, valid_from=version.valid_from.isoformat())
    return _t("Version {number} is written down. Sessions that run keep theirs.").format(
        number=version.number
    )


def _assign(request: HttpRequest, obj: Tariff, values: dict[str, Any]) -> Outcome:
    assignment = tariff_assign(organization=obj.organization, tariff=obj, now=timezone.now(), **values)
    place = place_words(assignment)
    start = assignment.valid_from.isoformat()
    audit(request, obj, "assigned", place=place, whom=whom_words(assignment), valid_from=start)
    return _t("{tariff} is in force: {words}.").format(tariff=obj, words=assignment_words(assignment))


def _withdraw(request: HttpRequest, obj: Tariff, values: dict[str, Any]) -> Outcome:
    now = timezone.now()
    for assignment in TariffAssignment.objects.filter(tariff=obj):
        tariff_assignment_end(assignment=assignment, now=now)
    audit(request, obj, "withdrawn")
    return _t("The tariff applies nowhere any more. Sessions that run keep it.")


def _try(request: HttpRequest, obj: Tariff, values: dict[str, Any]) -> Outcome:
    return trial_page(request, obj, values, admin.site)


ACTIONS = (
    ObjectAction(
        slug="try",
        label=_("Try it"),
        explain=_("Prices a session of the past or a sketched one and shows why. Nothing is stored."),
        right=Right.SEE,
        run=_try,
        form=TrialForm,
        icon="calculate",
    ),
    ObjectAction(
        slug="new-version",
        label=_("New version"),
        explain=_("Changes the prices for sessions that begin from then on. Earlier sessions keep theirs."),
        right=Right.MANAGE,
        run=_new_version,
        form=VersionForm,
        icon="edit_document",
    ),
    ObjectAction(
        slug="assign",
        label=_("Put in force"),
        explain=_(
            "A group's tariff goes before a partner's, that before everybody's; then the connector's before"
            " the charge point's, the site's and the organisation's."
        ),
        right=Right.MANAGE,
        run=_assign,
        form=lambda data, request, obj: AssignForm(data, obj.organization, request.user),
        icon="add_location",
    ),
    ObjectAction(
        slug="withdraw",
        label=_("Take out of force"),
        explain=_("New sessions are no longer priced by it. Without another tariff they wait for a person."),
        right=Right.MANAGE,
        run=_withdraw,
        ask=True,
        danger=True,
        icon="block",
    ),
)
