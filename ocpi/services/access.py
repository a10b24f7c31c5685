"""Who is asking: a registered partner, the bearer of a bootstrap token, or a peer we are registering with."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Model, Q

from central.services.prepared import Prepared
from ocpi.core import auth
from ocpi.core.errors import AccessRefused, TokenUnknown
from ocpi.models import BootstrapToken, Partner, PartnerToken
from ocpi.models.partner import PartnerStatus
from ocpi.services.refusals import authentication_failed
from registry.models import Organization

MOST_SETTLED = 1000
CONTACT_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Access:
    """What a token opened: a partner, a bootstrap token, or neither for a registration of ours under way.

    `anonymous` is somebody without a token who may register all the same.
    """

    token: str
    form: str
    row: PartnerToken | None = None
    bootstrap: BootstrapToken | None = None
    anonymous: bool = False

    @property
    def handshake(self) -> str:
        """The registration under way that this belongs to, or ""."""
        if self.bootstrap is not None:
            return handshake_of(self.bootstrap)
        return self.row.handshake if self.row and self.row.partner_id is None else ""

    @property
    def partner(self) -> Partner | None:
        """The registered partner, if it is one."""
        return self.row.partner if self.row else None


def handshake_of(token: BootstrapToken) -> str:
    """The word for the registration that a bootstrap token is for."""
    return f"token-{token.pk}"


def access_identify(
    *, organization: Organization, header: str, anonymous: bool = False, now: datetime
) -> Access:
    """The bearer of an Authorization header at this organisation; raises TokenUnknown (401).

    Without any header: nobody, where an `anonymous` caller is welcome.
    """
    if anonymous and not header:
        return Access("", "", anonymous=True)
    found = auth.candidates(header)
    by_digest = {auth.digest(token): (form, token) for form, token in reversed(found.items())}
    row = _token_of(organization, by_digest, now)
    if row is not None:
        form, token = by_digest[row.digest]
        return Access(token, form, row=row)
    bootstrap = BootstrapToken.objects.filter(
        organization=organization, digest__in=by_digest, used_at=None, revoked_at=None, expires_at__gt=now
    ).first()
    if bootstrap is None:
        authentication_failed(
            organization=organization, reason=_reason(found, by_digest, organization), now=now
        )
        raise TokenUnknown("The token is missing or not known.")
    form, token = by_digest[bootstrap.digest]
    return Access(token, form, bootstrap=bootstrap)


def caller_known(*, slug: str | None, header: str, now: datetime) -> Access | None:
    """A registered partner by its header, with the organisation that it asks, by one statement.

    None where it is nobody that is known: then `access_identify` says what it is.
    """
    by_digest = {
        auth.digest(token): (form, token) for form, token in reversed(auth.candidates(header).items())
    }
    query = _callers if slug is None else _callers_of
    given = {} if slug is None else {"slug": slug}
    found = query.rows(digests=list(by_digest), now=now, **given) if by_digest else []
    if not found:
        return None
    row = _whole(found[0])
    form, token = by_digest[row.digest]
    return Access(token, form, row=row)


def _whole(values: Sequence[Any]) -> PartnerToken:
    """The token, its partner and its organisation out of one row."""
    models = (PartnerToken, Partner, Organization)
    start = 0
    made: list[Any] = []
    for model, names in zip(models, _PARTS, strict=True):
        part = values[start : start + len(names)]
        made.append(model.from_db("default", names, part))
        start += len(names)
    row: PartnerToken = made[0]
    partner, organization = made[1:]
    partner.organization = organization
    row.partner, row.organization = partner, organization
    return row


def _names(model: type[Model], *left_out: str) -> list[str]:
    """The columns of a model by their attributes, in its own order."""
    return [each.attname for each in model._meta.concrete_fields if each.name not in left_out]  # noqa: SLF001


_PARTS: Final = (_names(PartnerToken), _names(Partner, "token_out"), _names(Organization))
_COLUMNS: Final = (
    *_PARTS[0],
    *(f"partner__{name}" for name in _PARTS[1]),
    *(f"organization__{name}" for name in _PARTS[2]),
)


def _known(digests: Any, now: Any, **owner: Any) -> Any:
    rows = PartnerToken.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), partner__isnull=False, digest__among=digests, **owner
    )
    return rows.order_by("pk").values_list(*_COLUMNS)


_callers: Final = Prepared(lambda digests, now: _known(digests, now, organization__is_default=True))
_callers_of: Final = Prepared(lambda digests, now, slug: _known(digests, now, organization__slug=slug))


def _token_of(organization: Organization, digests: Collection[str], now: datetime) -> PartnerToken | None:
    """The partner's token that is good now, with its partner; every request needs both."""
    rows: list[PartnerToken] = _tokens.rows(organization_id=organization.pk, digests=list(digests), now=now)
    if not rows:
        return None
    row = rows[0]
    if row.partner_id is not None:
        row.partner = _partners.rows(partner_id=row.partner_id)[0]
        row.partner.organization = organization
    return row


_tokens: Final = Prepared(
    lambda organization_id, digests, now: PartnerToken.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), organization_id=organization_id, digest__among=digests
    ).order_by("pk")
)
_partners: Final = Prepared(lambda partner_id: Partner.objects.filter(pk=partner_id).defer("token_out"))
"""What we present ourselves is read where it is needed: it is encrypted."""


def _reason(found: dict[str, str], digests: Iterable[str], organization: Organization) -> str:
    """What is wrong with a token: for metrics and the log alone, the caller learns nothing of it."""
    if not found:
        return "missing"
    ended = BootstrapToken.objects.filter(organization=organization, digest__in=list(digests)).first()
    if ended is None:
        return "unknown"
    return "used" if ended.used_at else "revoked" if ended.revoked_at else "expired"


def access_confirm(*, access: Access, now: datetime) -> Partner:
    """A partner uses its token for more than versions: older tokens end, form and contact are remembered.

    Raises TokenUnknown (401) where the token opens versions and credentials only, AccessRefused (403) for a
    suspended partner.
    """
    partner = access.partner
    if access.row is None or partner is None or partner.status == PartnerStatus.INACTIVE:
        raise TokenUnknown("The token does not open this.")
    if partner.status == PartnerStatus.SUSPENDED:
        raise AccessRefused("The partner is suspended.")
    _settle(partner, access.row)
    _remember(partner, access.form, now)
    return partner


def _settle(partner: Partner, row: PartnerToken) -> None:
    """The first use of a newer token ends the older ones; the newest one, in use, has no end."""
    if row.expires_at is None and row.digest in _settled:
        return
    keys = set(partner.tokens.values_list("pk", flat=True))
    if min(keys, default=row.pk) < row.pk:
        partner.tokens.filter(pk__lt=row.pk).delete()
    if row.expires_at and max(keys, default=row.pk) == row.pk:
        partner.tokens.filter(pk=row.pk).update(expires_at=None)
    if len(_settled) >= MOST_SETTLED:
        _settled.clear()
    _settled.add(row.digest)


_settled: set[str] = set()
"""Digests of tokens without older ones beside them: a newer one gives them an end, which the row tells."""


def _remember(partner: Partner, form: str, now: datetime) -> None:
    fresh = partner.last_contact is not None and now - partner.last_contact < CONTACT_EVERY
    if not fresh or partner.token_form_seen != form:
        Partner.objects.filter(pk=partner.pk).update(last_contact=now, token_form_seen=form)
        partner.last_contact, partner.token_form_seen = now, form
