"""What charge points told about drivers: for operators alone, until the day on which it is deleted."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.cards import related
from central.admin.jobs import Facts, JobAdmin
from central.models import CustomerInformation
from central.selectors.overview import zone_of
from central.services.customer_information import customer_information_wipe
from emobility.lib.display import NOTHING, badge, keep, moment
from registry.admin.actions import ObjectAction, Outcome
from registry.rights import Right

related(_("Customer information"), "central_customerinformation", Right.OPERATE)

KINDS = {
    "idToken": _("tag"),
    "customerIdentifier": _("customer's name"),
    "customerCertificate": _("certificate"),
}
MOST_MISSING = 20


def _wipe(request: HttpRequest, obj: CustomerInformation, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    customer_information_wipe(job=obj, user=user, now=timezone.now())
    return _t("It is deleted.")


@admin.register(CustomerInformation)
class CustomerInformationAdmin(JobAdmin):
    """Questions about drivers, newest first."""

    with_history = False
    object_actions = (
        ObjectAction(
            slug="wipe",
            label=_("Delete now"),
            explain=_("Deletes here what the charge point told and whom it was about. It cannot be undone."),
            right=Right.OPERATE,
            run=_wipe,
            hindrance=lambda obj: _t("It was deleted already.") if obj.deleted_at else "",
            ask=True,
            danger=True,
            icon="delete",
        ),
    )
    list_display = ("ordered", "charge_point", "customer", "wanted", "state_now", "deleted", "by")
    search_fields = ("charge_point__cp_id", "subject", "=request_id")
    empty_text = _("Nobody asked for a driver's data yet. Open a charge point, choose Customer information.")

    @display(description=_("customer"))
    def customer(self, job: CustomerInformation) -> Any:
        """Whom it is about."""
        return keep(job.subject) or NOTHING

    @display(description=_("asked for"))
    def wanted(self, job: CustomerInformation) -> Any:
        """To tell, to delete there, or both."""
        return _wanted(job)

    @display(description=_("deleted on"), ordering="delete_on")
    def deleted(self, job: CustomerInformation) -> Any:
        """The day on which it is deleted here."""
        return badge(_("deleted"), "mute") if job.deleted_at else date_format(job.delete_on, "j M Y")

    def facts(self, obj: CustomerInformation) -> Facts:
        """Whom, what for, how long it is kept."""
        return [
            (_("Customer"), obj.subject),
            (_("Named by"), KINDS.get(obj.subject_kind, obj.subject_kind)),
            (_("Asked for"), _wanted(obj)),
            (_("Deleted here on"), date_format(obj.delete_on, "j M Y")),
            (_("Was deleted"), moment(obj.deleted_at, zone_of(obj.charge_point), seconds=True)),
        ]

    def more_cards(self, obj: CustomerInformation) -> list[dict[str, Any]]:
        """The text as far as it came."""
        missing = ", ".join(str(number) for number in obj.missing[:MOST_MISSING])
        facts = [
            (_("Parts"), str(len(obj.parts))),
            (_("Missing"), missing or _("none") if obj.last_seq is not None else _("the end")),
            (_("Told at"), moment(obj.generated_at, zone_of(obj.charge_point), seconds=True)),
        ]
        if not obj.parts:
            empty = _("It was deleted.") if obj.deleted_at else _("Nothing has come yet.")
            return [{"key": "text", "title": _("What it told"), "empty": empty}]
        body = format_html('<pre class="em-json" tabindex="0">{}</pre>', obj.text)
        return [{"key": "text", "title": _("What it told"), "facts": facts, "body": body}]


def _wanted(job: CustomerInformation) -> str:
    wanted = ((job.report, _("tell")), (job.clear, _("delete there")))
    return ", ".join(str(word) for asked, word in wanted if asked)
