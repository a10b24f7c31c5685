"""Firmware, logs, security events, display messages, customer information."""

from datetime import timedelta

from django.core.files.base import ContentFile

from central.models import (
    CustomerInformation,
    DisplayMessage,
    FirmwareImage,
    FirmwareJob,
    LogJob,
    LogUpload,
    SecurityEvent,
)
from registry.models import ChargePoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """One of each."""
    point, mark = world.rows[ChargePoint][number], world.mark
    ordered = {"charge_point": point, "request_id": number, "state": "running", "created_at": NOW}
    history = [{"status": "Downloading", "at": NOW.isoformat(), "info": mark}]
    world.keep(
        SecurityEvent.objects.create(
            charge_point=point,
            key=f"{mark}-{number}",
            kind="TamperDetectionActivated",
            severity="critical",
            is_open=True,
            tech_info=mark,
            at=NOW,
            received_at=NOW,
        )
    )
    world.keep(
        FirmwareJob.objects.create(
            **ordered,
            status="Downloading",
            status_at=NOW,
            history=history,
            location=f"https://files.example/{mark}",
        )
    )
    log = world.keep(LogJob.objects.create(**ordered, kind="DiagnosticsLog", file_name=f"{mark}.zip"))
    upload = LogUpload(job=log, digest=f"{mark}-{number}", expires_at=NOW, name=mark, brought_at=NOW)
    upload.file.save("log", ContentFile(mark.encode()), save=True)
    world.keep(upload)
    image = FirmwareImage(
        organization=world.organization,
        vendor=mark,
        version=str(number),
        name=f"{mark}.bin",
        size=len(mark),
        sha256=f"{number:064d}",
        md5=f"{number:032d}",
        created_at=NOW,
    )
    image.file.save("image", ContentFile(mark.encode()), save=True)
    world.keep(image)
    world.keep(
        DisplayMessage.objects.create(
            charge_point=point,
            number=number + 1,
            priority="NormalCycle",
            contents=[{"format": "UTF8", "language": "en", "content": mark}],
            state="installed",
            created_at=NOW,
        )
    )
    world.keep(
        CustomerInformation.objects.create(
            **ordered,
            subject_kind="id_token",
            subject=mark,
            parts={"0": mark},
            delete_on=(NOW + timedelta(days=30)).date(),
        )
    )
