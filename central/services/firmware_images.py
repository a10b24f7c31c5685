"""Firmware images: added with their proofs, offered at addresses that expire, removed in time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from central.models import FirmwareImage, FirmwareLink
from central.models.job import OPEN_STATES
from emobility.lib.errors import Conflict, Invalid, NotFound
from emobility.lib.file_store import Readable, taken, token_digest, token_make
from registry.models import Organization, User
from registry.services.audit import audit_record

PATH: Final = "/files/firmware/"
MIB: Final = 1024 * 1024
FARTHEST: Final = timedelta(days=366)
"""So far ahead an image may be fetched: its address lives until then."""
TOLD: Final = ("vendor", "model", "version", "name", "sha256", "size", "expires_at")


def firmware_image_create(
    *,
    organization: Organization,
    source: Readable,
    name: str,
    about: Mapping[str, Any],
    created_by: User | None,
    now: datetime,
) -> FirmwareImage:
    """Keep an image; `about`: vendor, model, version, signature, signing_certificate, note, expires_at.

    `sha256` there is the expected one. Raises TooLarge, Invalid where the file is another one, and Conflict
    where it is there already.
    """
    fields = dict(about)
    wanted = str(fields.pop("sha256", "") or "").lower()
    if bool(fields.get("signature")) != bool(fields.get("signing_certificate")):
        fault = _("A signed image needs the certificate and the signature.")
        raise Invalid(fault, {"signature": fault})
    with taken(source, limit=settings.FILES_FIRMWARE_MAX_MIB * MIB) as whole:
        if wanted and wanted != whole.sha256:
            fault = _("The file's checksum is {is_}, not the expected one.").format(is_=whole.sha256)
            raise Invalid(fault, {"sha256": fault})
        image = FirmwareImage(
            organization=organization,
            name=_file_name(name),
            size=whole.size,
            sha256=whole.sha256,
            md5=whole.md5,
            created_by=created_by,
            created_at=now,
            **fields,
        )
        image.file.save("image", whole.file, save=False)
    _save(image)
    _audit(image, "added", created_by or "system", now)
    return image


def firmware_link_create(*, image: FirmwareImage, retrieve_at: datetime | None, now: datetime) -> str:
    """An address for one order, good until some days after the time to fetch. Raises Conflict, Invalid."""
    if not settings.FILES_PUBLIC_URL:
        fault = _("Images cannot be fetched from here: FILES_PUBLIC_URL is not set.")
        raise Invalid(fault, {"image": fault})
    if image.removed_at is not None:
        fault = _("The file of this image was removed.")
        raise Conflict(fault, {"image": fault})
    if retrieve_at is not None and retrieve_at - now > FARTHEST:
        fault = _("At most a year from now.")
        raise Invalid(fault, {"retrieve_at": fault})
    token, digest = token_make()
    start = max(now, retrieve_at) if retrieve_at else now
    until = start + timedelta(days=settings.FILES_FIRMWARE_LINK_DAYS)
    FirmwareLink.objects.create(image=image, digest=digest, created_at=now, expires_at=until)
    return f"{settings.FILES_PUBLIC_URL}{PATH}{token}/{quote(image.name)}"


def firmware_link_find(*, token: str, now: datetime) -> FirmwareImage:
    """The image that an address belongs to, with the fetch noted. Raises NotFound."""
    links = FirmwareLink.objects.filter(
        digest=token_digest(token), expires_at__gt=now, image__removed_at=None
    )
    link = links.select_related("image").first()
    if link is None:
        raise NotFound(_("There is no such address, or its time is over."))
    links.update(fetches=F("fetches") + 1, fetched_at=now)
    return link.image


def firmware_image_hindrance(image: FirmwareImage) -> str:
    """Why its file may not be removed now, empty where it may."""
    if image.removed_at is not None:
        return _("It was removed already.")
    if image.jobs.filter(state__in=OPEN_STATES).exists():
        return _("An update with it is under way, or may still be.")
    return ""


def firmware_image_remove(*, image: FirmwareImage, actor: User | str, now: datetime) -> None:
    """Remove the file and end its addresses; the row stays. Raises Conflict while a job with it is open."""
    with transaction.atomic():
        image = FirmwareImage.objects.select_for_update().get(pk=image.pk)
        hindrance = firmware_image_hindrance(image)
        if hindrance:
            raise Conflict(hindrance)
        image.links.all().delete()
        FirmwareImage.objects.filter(pk=image.pk).update(removed_at=now)
        _audit(image, "removed", actor, now)
        transaction.on_commit(lambda: image.file.delete(save=False))


def firmware_files_drop_old(*, now: datetime) -> int:
    """Remove images whose time is over and that no open job uses, and addresses that expired; how many."""
    FirmwareLink.objects.filter(expires_at__lt=now).delete()
    count = 0
    for image in FirmwareImage.objects.filter(expires_at__lte=now, removed_at=None).order_by("pk")[:1000]:
        if not firmware_image_hindrance(image):
            firmware_image_remove(image=image, actor="system", now=now)
            count += 1
    return count


def _save(image: FirmwareImage) -> None:
    try:
        with transaction.atomic():
            image.save()
    except IntegrityError as error:
        image.file.delete(save=False)
        raise Conflict(_("This image is there already.")) from error


def _file_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in last if sign.isascii() and (sign.isalnum() or sign in "._-"))
    return plain[-100:].strip(".") or "firmware.bin"


def _audit(image: FirmwareImage, verb: str, actor: User | str, now: datetime) -> None:
    audit_record(
        actor=actor,
        action=f"firmwareimage.{verb}",
        organization_id=image.organization_id,
        object_type="firmwareimage",
        object_id=str(image.pk),
        after={name: _word(getattr(image, name)) for name in TOLD},
        now=now,
    )


def _word(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
