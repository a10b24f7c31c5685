"""A brought log as a download: never shown, for what it holds comes from outside; each fetch is noted."""

from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from central.models import LogUpload
from emobility.lib.errors import NotFound
from emobility.lib.file_answers import file_answer
from registry.services.audit import audit_record


def log_file_answer(upload: LogUpload, request: Any) -> HttpResponseBase:
    """The file. Raises NotFound where it has not come, or was removed."""
    if not upload.file:
        raise NotFound(_("There is no file: it has not come, or it was removed."))
    point = upload.job.charge_point
    audit_record(
        actor=request.user,
        action="log.fetched",
        organization_id=point.organization_id,
        object_type="logjob",
        object_id=str(upload.job_id),
        after={"charge_point": point.cp_id, "name": upload.name},
        now=timezone.now(),
    )
    return file_answer(upload.file, name=f"{point.cp_id}-{upload.name or 'log'}", request=request)
