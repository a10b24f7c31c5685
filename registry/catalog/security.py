"""Kinds about security: events of charge points, profiles, passwords, certificates."""

from typing import Final

from registry.catalog.charge_points import AT, CHARGE_POINT
from registry.catalog.kinds import Kind, kinds, kinds_alike

kinds(
    __name__,
    Kind(
        "security.event",
        "A charge point told of a security event.",
        "OCPP's word for it",
        {
            "event_id": "integer: our row",
            "severity": "text: critical, ordinary or notice",
            "at": AT,
        },
        alarm=True,
    ),
    Kind(
        "security.profile_raised",
        "A charge point connected with a higher security profile; lower ones are refused from now on.",
        CHARGE_POINT,
        {"profile": "integer: OCPP's security profile"},
    ),
    Kind(
        "security.profile_reset",
        "A person allowed a lower security profile again.",
        CHARGE_POINT,
        {"profile": "integer: allowed from now on", "before": "integer: the profile before"},
    ),
    Kind(
        "security.profile_downgrade_refused",
        "A connection with a lower security profile than before was refused.",
        CHARGE_POINT,
        {"profile": "integer: tried", "least": "integer: needed"},
        alarm=True,
    ),
    Kind(
        "security.client_certificate_refused",
        "A client certificate was refused.",
        CHARGE_POINT,
        {"reason": "text: why"},
        alarm=True,
    ),
)
kinds_alike(
    __name__,
    {
        f"security.upgrade_{state}": f"A move to another security profile: {words}."
        for state, words in {
            "asked": "asked of the charge point",
            "stored": "the connection profile is stored",
            "chosen": "taken; it reconnects after a restart",
            "done": "done",
            "refused": "refused by the charge point",
            "cancelled": "given up",
        }.items()
    },
    subject=CHARGE_POINT,
    data={
        "from": "integer: profile before",
        "to": "integer: profile wanted",
        "reason": "text: why it did not work out",
    },
)
kinds_alike(
    __name__,
    {
        "password.accepted": "A charge point took its new password.",
        "password.proved": "A charge point connected with its new password.",
        "password.kept": "A charge point keeps its old password.",
    },
    subject=CHARGE_POINT,
    data={"rotation_id": "integer: our row"},
)
kinds_alike(
    __name__,
    {
        "certificate.installed": "A root or contract certificate is installed at a charge point.",
        "certificate.removed": "A certificate left a charge point.",
    },
    subject="subject or serial number of the certificate",
    data={"certificate_type": "text: OCPP's type", "serial_number": "text: its serial number"},
)
kinds_alike(
    __name__,
    {
        "certificate.issued": "A certificate was issued to a charge point.",
        "certificate.accepted": "A charge point took its certificate.",
        "certificate.rejected": "A charge point refused its certificate.",
        "certificate.active": "A charge point uses its certificate.",
        "certificate.discarded": "A certificate that was never used was dropped.",
        "certificate.revoked": "A certificate was revoked.",
    },
    subject="subject of the certificate",
    data={"certificate_id": "integer: our row", "serial_number": "text: its serial number"},
)
kinds(
    __name__,
    Kind(
        "certificate.refused",
        "A charge point's request for a certificate was refused.",
        "subject of the request",
        {"reason": "text: why"},
    ),
)
_AUTHORITY: Final = {
    "name": "text: its name",
    "use": "text: what it signs",
    "fingerprint": "text: SHA-256 of its certificate",
}
kinds_alike(
    __name__,
    {
        "certificate_authority.added": "A certificate authority was added.",
        "certificate_authority.retired": "A certificate authority signs no more.",
    },
    subject="name of the authority",
    data=_AUTHORITY,
)
