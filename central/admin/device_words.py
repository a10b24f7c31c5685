"""Plain words for what hardware reports: security events, firmware, logs; and the badges of jobs."""

from datetime import datetime
from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.models.job import Job, JobState
from emobility.lib.display import badge, code

JOB_TONES: Final = {
    JobState.ORDERED: "info",
    JobState.RUNNING: "busy",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.REFUSED: "bad",
    JobState.CANCELLED: "mute",
    JobState.LOST: "warn",
}
SECURITY_EVENTS: Final = {
    "AttemptedReplayAttacks": _("A message was replayed"),
    "CentralSystemFailedToAuthentication": _("It did not accept our credentials"),
    "CsmsFailedToAuthenticate": _("It did not accept our credentials"),
    "FailedToAuthenticateAtCsms": _("Its credentials were refused here"),
    "FailedToAuthenticationAtCentralSystem": _("Its credentials were refused here"),
    "FirmwareUpdated": _("New firmware runs"),
    "InvalidCentralSystemCertificate": _("It could not verify our certificate"),
    "InvalidChargePointCertificate": _("The certificate sent to it is not valid"),
    "InvalidChargingStationCertificate": _("The certificate sent to it is not valid"),
    "InvalidCsmsCertificate": _("It could not verify our certificate"),
    "InvalidFirmwareSignature": _("The signature of the firmware is wrong"),
    "InvalidFirmwareSigningCertificate": _("The certificate of the firmware's signature is not valid"),
    "InvalidMessages": _("It received messages that are not valid"),
    "InvalidTLSCipherSuite": _("Only weak encryption was offered to it"),
    "InvalidTLSVersion": _("Only an old TLS was offered to it"),
    "MaintenanceLoginAccepted": _("Somebody logged in at its service interface"),
    "MaintenanceLoginFailed": _("A login at its service interface failed"),
    "MemoryExhaustion": _("Its memory is nearly full"),
    "ReconfigurationOfSecurityParameters": _("Keys or its security profile were changed"),
    "ResetOrReboot": _("It was reset or rebooted"),
    "SecurityLogWasCleared": _("Its security log was cleared"),
    "SettingSystemTime": _("Its clock was changed"),
    "StartupOfTheDevice": _("It has started"),
    "TamperDetectionActivated": _("Its housing was opened"),
}
REPORTED: Final = {
    "AcceptedCanceled": _("Given up for a new order"),
    "BadMessage": _("The server did not understand it"),
    "ChecksumVerified": _("Checksum is right"),
    "DownloadFailed": _("Download failed"),
    "DownloadPaused": _("Download paused"),
    "DownloadScheduled": _("Waits for its download"),
    "Downloaded": _("Downloaded"),
    "Downloading": _("Downloading"),
    "Idle": _("Does nothing of the kind"),
    "InstallRebooting": _("Reboots to install"),
    "InstallScheduled": _("Waits for its installation"),
    "InstallVerificationFailed": _("The new firmware is damaged"),
    "InstallationFailed": _("Installation failed"),
    "Installed": _("Installed"),
    "Installing": _("Installing"),
    "InvalidCertificate": _("The signing certificate is not valid"),
    "InvalidChecksum": _("Checksum is wrong"),
    "InvalidSignature": _("Signature is wrong"),
    "NotSupportedOperation": _("The server cannot do that"),
    "PermissionDenied": _("The server did not allow it"),
    "PublishFailed": _("Publication failed"),
    "Published": _("Published"),
    "RevokedCertificate": _("The signing certificate was revoked"),
    "SignatureVerified": _("Signature is right"),
    "UploadFailed": _("Upload failed"),
    "UploadFailure": _("Upload failed"),
    "Uploaded": _("Uploaded"),
    "Uploading": _("Uploading"),
}


def security_words(kind: str) -> Any:
    """A security event in plain words, the protocol's beside them."""
    known = SECURITY_EVENTS.get(kind)
    return format_html("{} {}", known, code(f"({kind})")) if known else code(kind)


def reported_words(status: str) -> Any:
    """A reported status in plain words, the protocol's beside them."""
    if not status:
        return ""
    known = REPORTED.get(status)
    return format_html("{} {}", known, code(f"({status})")) if known else code(status)


def job_badge(job: Job, now: datetime) -> Any:
    """The state of a job with its age."""
    state = JobState(job.state)
    since = job.finished_at or job.status_at or job.created_at
    return badge(state.label.capitalize(), JOB_TONES[state], since, now)
