"""Kinds about money, roaming partners, and the delivery of events itself."""

from typing import Final

from registry.catalog.kinds import Kind, kinds, kinds_alike

TEST: Final = "webhook.test"
"""Sent on demand to one endpoint; never part of what endpoints subscribe to."""

kinds(
    __name__,
    Kind(
        "cdr.created",
        "A charge detail record was made: what a session costs.",
        "id of the CDR",
        {
            "cdr_id": "integer: our row",
            "session_id": "integer: our session",
            "kind": "text: original, credit or replacement",
            "energy_wh": "integer: energy in Wh",
            "total_incl_vat": "text: amount as a decimal number",
            "currency": "text: ISO 4217",
            "needs_review": "boolean: held until a person looked",
        },
    ),
    Kind(
        "review.opened",
        "Something does not add up and waits for a person.",
        "id of the session, or the message in quarantine",
        {
            "review_id": "integer: our row",
            "session_id": "integer or null: our session",
            "reasons": "list of text: why, as codes",
        },
    ),
    Kind(
        "review.decided",
        "A person decided a case of the review queue.",
        "number of the review",
        {
            "review_id": "integer: our row",
            "session_id": "integer or null: our session",
            "decision": "text: accepted, repaired, waived, linked or dismissed",
            "reason": "text: why",
        },
    ),
    Kind(
        "partner_cdr.received",
        "A roaming partner sent us a CDR.",
        "id of the CDR",
        {"id": "integer: our row", "party": "text: country and party of its owner"},
    ),
    Kind(
        "partner_cdr.differs",
        "A roaming partner's CDR asks for another amount than its tariff comes to.",
        "id of the CDR",
        {
            "id": "integer: our row",
            "party": "text: country and party of its owner",
            "difference": "text: asked more than worked out, without VAT, or null",
            "currency": "text: ISO 4217",
        },
    ),
    Kind(
        "partner_token.conflict",
        "A roaming partner's token has a uid that another token has already: no charge point takes it.",
        "country and party of its owner",
        {"partner_id": "integer: our row", "token_id": "integer: our row"},
    ),
)
_PARTNER: Final = {
    "partner_id": "integer: our row",
    "party": "text: country and party",
    "version": "text: OCPI version",
    "status": "text: ACTIVE, SUSPENDED or INACTIVE",
}
kinds_alike(
    __name__,
    {
        "partner.updated": "A roaming partner changed its registration.",
        "partner.rotated": "We exchanged new tokens with a roaming partner.",
        "partner.suspended": "A roaming partner was suspended.",
        "partner.resumed": "A roaming partner's suspension ended.",
        "partner.unregistered": "A roaming partner's registration ended.",
    },
    subject="country and party",
    data=_PARTNER,
)
kinds_alike(
    __name__,
    {
        "partner.change_proposed": "A roaming partner wants other roles or parties: they wait for approval.",
        "partner.change_approved": "A roaming partner's other roles or parties were approved.",
        "partner.change_rejected": "A roaming partner's other roles or parties were rejected.",
    },
    subject="country and party",
    data={**_PARTNER, "roles": "list of text: role, country and party of each"},
)
kinds(
    __name__,
    Kind(
        "partner.registered",
        "A roaming partner registered.",
        "country and party",
        {**_PARTNER, "by_us": "boolean: we began the handshake"},
    ),
    Kind(
        "partner.rotation_failed",
        "New tokens could not be exchanged with a roaming partner: the old ones stay good.",
        "country and party",
        {**_PARTNER, "reason": "text: why"},
    ),
)
kinds_alike(
    __name__,
    {
        "bootstrap_token.issued": "A token for a roaming partner's registration was issued.",
        "bootstrap_token.revoked": "Such a token was revoked.",
        "bootstrap_token.used": "Such a token was used up by a registration.",
    },
    subject="label of the token",
    data={"id": "integer: our row", "expires_at": "time: good until"},
)
_ENDPOINT: Final = {"endpoint": "text: uid of the endpoint"}
kinds(
    __name__,
    Kind(
        TEST,
        "A person asked for a test. It goes to that endpoint alone.",
        "name of the endpoint",
        {**_ENDPOINT, "text": "text: a sentence"},
    ),
    Kind(
        "webhook.paused",
        "An endpoint failed for too long and gets nothing until a person resumes it; nothing is lost.",
        "name of the endpoint",
        {**_ENDPOINT, "reason": "text: why"},
        alarm=True,
    ),
    Kind(
        "webhook.dead",
        "An event was given up on after its last attempt; a person can send it again.",
        "name of the endpoint",
        {**_ENDPOINT, "event": "text: id of the event that did not arrive", "reason": "text: the last error"},
        alarm=True,
    ),
)
