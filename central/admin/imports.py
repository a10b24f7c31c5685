"""Files of charge points and of tags: what they hold, and what comes of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.services import id_token_imports as tokens
from emobility.lib.credentials_file import credentials_file
from registry.admin.importing import Importing, Rows
from registry.admin.requests import remote_address
from registry.models import Organization
from registry.rights import Right
from registry.services import charge_point_imports as points


def _who(request: HttpRequest, organization: Organization, rows: Rows) -> dict[str, Any]:
    return {"actor": request.user, "organization": organization, "rows": rows}


def _points(request: HttpRequest, organization: Organization, rows: Rows) -> str | HttpResponse:
    made = points.charge_points_import(
        **_who(request, organization, rows), address=remote_address(request), now=timezone.now()
    )
    if not made:
        return _t("All of them are there already: nothing was made.")
    return credentials_file((each.cp_id, each.password) for each in made)


def _tokens(request: HttpRequest, organization: Organization, rows: Rows) -> str:
    counts = tokens.id_tokens_import(
        **_who(request, organization, rows), address=remote_address(request), now=timezone.now()
    )
    return _t("{new} new, {change} changed, {same} as they were.").format(**counts)


CHARGE_POINTS = Importing(
    label=_("Import charge points"),
    explain=_(
        "Makes the charge points of a CSV file. Their passwords come as a download this one time; ids that"
        " are yours already stay, so the same file can be sent again."
    ),
    right=Right.ENROL,
    columns=points.COLUMNS,
    required=points.REQUIRED,
    words={"new": _("new"), "exists": _("is there already"), "fault": _("wrong")},
    plan=lambda request, owner, rows: points.charge_points_plan(**_who(request, owner, rows)),
    run=_points,
)
ID_TOKENS = Importing(
    label=_("Import id tokens"),
    explain=_("Makes, changes and blocks tags by uid. A column that the file does not have changes nothing."),
    right=Right.OPERATE,
    columns=tokens.COLUMNS,
    required=tokens.REQUIRED,
    words={"new": _("new"), "change": _("changes"), "same": _("stays"), "fault": _("wrong")},
    plan=lambda request, owner, rows: tokens.id_tokens_plan(**_who(request, owner, rows)),
    run=_tokens,
)
