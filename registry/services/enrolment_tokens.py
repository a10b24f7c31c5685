"""Enrolment tokens: secrets that let a charge point register itself where nobody is logged in."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Forbidden, Invalid, Unauthenticated
from registry.identifiers import cp_id_check, prefix_check
from registry.models import EnrolmentToken, Organization, Site, User

MAX_LENGTH = 200
LONGEST_LIFE = timedelta(days=366)


class InvalidEnrolmentToken(Unauthenticated):
    """The token is unknown, used up, expired or revoked: one text for all."""

    def __init__(self) -> None:
        super().__init__(str(_("Invalid enrolment token.")))


class WrongEnrolmentToken(Forbidden):
    """The token is good, but for another charge point id."""

    def __init__(self) -> None:
        super().__init__(str(_("The enrolment token is not for this cp_id.")))


def enrolment_token_issue(
    *,
    organization: Organization,
    cp_id: str = "",
    prefix: str = "",
    max_uses: int = 1,
    lifetime: timedelta = timedelta(hours=24),
    reissue: bool = False,
    site: Site | None = None,
    created_by: User | None = None,
    now: datetime,
) -> tuple[EnrolmentToken, str]:
    """A token for one `cp_id` or all ids with `prefix`, and its secret, which is shown only here.

    Raises Invalid.
    """
    _check_scope(cp_id, prefix, max_uses, lifetime)
    secret = f"enrol-{secrets.token_urlsafe(32)}"
    row = EnrolmentToken.objects.create(
        organization=organization,
        site=site,
        digest=_digest(secret),
        cp_id=cp_id,
        prefix=prefix,
        max_uses=max_uses,
        reissue=reissue,
        expires_at=now + lifetime,
        created_by=created_by,
    )
    return row, secret


def enrolment_token_find(*, secret: str, cp_id: str) -> EnrolmentToken:
    """The token behind `secret`, spent or not; raises InvalidEnrolmentToken, WrongEnrolmentToken."""
    row = EnrolmentToken.objects.filter(digest=_digest(secret[:MAX_LENGTH])).first()
    if row is None:
        raise InvalidEnrolmentToken
    fits = row.cp_id == cp_id if row.cp_id else cp_id.startswith(row.prefix)
    if not fits:
        raise WrongEnrolmentToken
    return row


def enrolment_token_consume(*, token: EnrolmentToken, now: datetime) -> None:
    """Use the token once, atomically: of many at a time no more succeed than `max_uses`.

    Raises InvalidEnrolmentToken. Call it in the transaction of what it permits.
    """
    good = EnrolmentToken.objects.filter(_usable(now), pk=token.pk)
    if good.update(uses=F("uses") + 1, updated_at=now) != 1:
        raise InvalidEnrolmentToken


def enrolment_token_usable(*, token: EnrolmentToken, now: datetime) -> bool:
    """True while the token is in date, not revoked and has a use left."""
    return EnrolmentToken.objects.filter(_usable(now), pk=token.pk).exists()


def enrolment_token_revoke(*, token: EnrolmentToken, now: datetime) -> None:
    """End the token; repeating it changes nothing."""
    EnrolmentToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now, updated_at=now)


def _usable(now: datetime) -> Q:
    return Q(uses__lt=F("max_uses"), revoked_at=None, expires_at__gt=now)


def _check_scope(cp_id: str, prefix: str, max_uses: int, lifetime: timedelta) -> None:
    faults = {}
    if bool(cp_id) == bool(prefix):
        faults["cp_id"] = str(_("Name either one cp_id or a prefix."))
    if not 1 <= max_uses <= 100_000:
        faults["max_uses"] = str(_("From 1 to 100000."))
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        faults["lifetime"] = str(_("At most one year."))
    if faults:
        raise Invalid(str(_("The enrolment token cannot be made.")), faults)
    if cp_id:
        cp_id_check(cp_id)
    else:
        prefix_check(prefix)


def _digest(secret: str) -> str:
    raw = secret.encode("utf-8", "surrogatepass")
    return hmac.new(settings.CREDENTIAL_PEPPER.encode(), b"enrolment:" + raw, hashlib.sha256).hexdigest()
