"""Logs that charge points bring to us: an address for each order, one file for each address."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from central.models import LogJob, LogUpload, Variable
from central.services.facts import fact_tell
from emobility.lib.errors import Conflict, Invalid, NotFound
from emobility.lib.file_store import Readable, taken, token_digest, token_make
from registry.models import ChargePoint

PATH: Final = "/files/logs/"
MIB: Final = 1024 * 1024
_PROTOCOLS: Final = ("filetransferprotocols", "supportedfiletransferprotocols")
"""What a charge point can: 2.x OCPPCommCtrlr.FileTransferProtocols, 1.6 SupportedFileTransferProtocols."""


class AlreadyBrought(Conflict):
    """The address was used: its file has come."""

    code = "already_brought"


def own_address_check(*, charge_point: ChargePoint) -> None:
    """Raises Invalid where no address of ours is known, Conflict where the charge point speaks no HTTP."""
    if not settings.FILES_PUBLIC_URL:
        fault = _("Type an address: this installation offers none of its own (FILES_PUBLIC_URL).")
        raise Invalid(fault, {"location": fault})
    told = _protocols(charge_point)
    if told and not any(word.strip().upper() in {"HTTP", "HTTPS"} for word in told.split(",")):
        fault = _("This charge point transfers files by {protocols} only: type an address.").format(
            protocols=told
        )
        raise Conflict(fault, {"location": fault})


def _protocols(charge_point: ChargePoint) -> str:
    rows = Variable.objects.filter(charge_point=charge_point, variable__iregex=f"^({'|'.join(_PROTOCOLS)})$")
    for attributes in rows.values_list("attributes", flat=True):
        value = (attributes.get("Actual") or {}).get("value")
        if value:
            return str(value)
    return ""


def log_upload_address() -> tuple[str, str]:
    """An address for one log, and the digest by which it is known again."""
    token, digest = token_make()
    return f"{settings.FILES_PUBLIC_URL}{PATH}{token}", digest


def log_upload_create(*, job: LogJob, digest: str, now: datetime) -> LogUpload:
    """Let the charge point bring the job's log until the address expires."""
    until = now + timedelta(hours=settings.FILES_LOG_LINK_HOURS)
    return LogUpload.objects.create(job=job, digest=digest, expires_at=until)


def log_upload_find(*, token: str, now: datetime) -> LogUpload:
    """The upload that an address belongs to. Raises NotFound, and AlreadyBrought once its file has come."""
    rows = LogUpload.objects.select_related("job__charge_point")
    upload = rows.filter(digest=token_digest(token)).first()
    if upload is None or (upload.expires_at <= now and upload.brought_at is None):
        raise NotFound(_("There is no such address, or its time is over."))
    if upload.brought_at is not None:
        raise AlreadyBrought(_("The file for this address has come already."))
    return upload


def log_upload_keep(
    *, upload: LogUpload, source: Readable, name: str, remote_address: str, now: datetime
) -> LogUpload:
    """Keep the file that was brought. Raises TooLarge, Invalid, and AlreadyBrought for the second one.

    What did not come whole leaves nothing behind: the charge point may try again.
    """
    with taken(source, limit=settings.FILES_LOG_MAX_MIB * MIB) as whole:
        upload.file.save("log", whole.file, save=False)
        fields = {
            "file": upload.file.name,
            "name": _plain(name) or upload.job.file_name,
            "size": whole.size,
            "sha256": whole.sha256,
            "remote_address": remote_address[:64],
            "brought_at": now,
        }
    if not LogUpload.objects.filter(pk=upload.pk, brought_at=None).update(**fields):
        upload.file.delete(save=False)
        raise AlreadyBrought(_("The file for this address has come already."))
    job = upload.job
    fact_tell(
        charge_point_id=job.charge_point_id,
        kind="log.brought",
        subject=str(fields["name"])[:100],
        data={"job_id": job.pk, "size": fields["size"], "sha256": fields["sha256"]},
        now=now,
    )
    upload.refresh_from_db()
    return upload


def log_files_drop_old(*, now: datetime, keep_days: int) -> int:
    """Remove files that were brought more than `keep_days` ago (0: none); how many."""
    if not keep_days:
        return 0
    old = LogUpload.objects.filter(brought_at__lt=now - timedelta(days=keep_days), removed_at=None)
    count = 0
    for upload in old.order_by("pk")[:1000]:
        upload.file.delete(save=False)
        LogUpload.objects.filter(pk=upload.pk).update(file="", removed_at=now)
        count += 1
    return count


def _plain(name: str) -> str:
    """The last part of a name, whatever folders it names; printable."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:255].strip(". ")
