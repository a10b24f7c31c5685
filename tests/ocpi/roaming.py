"""Sessions of a partner's drivers at our charge points, and their CDRs, as rows."""

from datetime import timedelta
from typing import Any

from billing.models import Cdr
from billing.services.cdrs import cdr_create
from central.models import IdToken, Session
from ocpi.models import SealedCdr
from ocpi.modules.cdrs.mapping import cdr_tell
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.modules.sessions.mapping import RELATED, sessions_render
from ocpi.selectors.identity import identity_of
from registry.models import ChargePoint, Organization, Party, Site
from tests.billing import builders
from tests.ocpi.conftest import now


def provider(cpo: Organization, country_code: str = "NL", party_id: str = "TST") -> Party:
    """The provider's party as the operator knows it."""
    return Party.objects.get_or_create(
        organization=cpo, country_code=country_code, party_id=party_id, role="EMSP"
    )[0]


def card(cpo: Organization, party: Party | None, uid: str = "04A1B2C3") -> IdToken:
    """A driver's card."""
    return IdToken.objects.get_or_create(
        organization=cpo, uid=uid, defaults={"party": party, "contract_id": "NL-TST-C12345678-S"}
    )[0]


def box(cpo: Organization) -> ChargePoint:
    """A charge point at a site with an address."""
    found = ChargePoint.objects.filter(organization=cpo).first()
    if found:
        return found
    site = Site.objects.create(
        organization=cpo, name="Hof", address="Weg 1", city="Bonn", postal_code="53111",
        latitude="50.737430", longitude="7.098207",
    )  # fmt: skip
    builders.default_tariff(cpo, builders.ENERGY, builders.FEE)
    return builders.charge_point(cpo, "BOX-1" if cpo.is_default else f"BOX-{cpo.slug}", site=site)


def running(cpo: Organization, token: IdToken | None = None, **fields: Any) -> Session:
    """A session under way."""
    token = token or card(cpo, provider(cpo))
    return builders.running_session(box(cpo), id_token=token, id_tag=token.uid, **fields)


def ended(cpo: Organization, token: IdToken | None = None, **fields: Any) -> Session:
    """A session that has ended: one hour, 10 kWh."""
    token = token or card(cpo, provider(cpo))
    session = builders.ended_session(box(cpo), id_token=token, id_tag=token.uid, **fields)
    builders.meter(session, (30, 6000), (60, 11_000))
    return session


def billed(cpo: Organization, token: IdToken | None = None, **fields: Any) -> Cdr:
    """The CDR of such a session."""
    cdr = cdr_create(session_id=ended(cpo, token, **fields).pk, now=now() - timedelta(seconds=1))
    assert cdr is not None
    return cdr


def told(session: Session) -> list[dict[str, Any]]:
    """What partners are told of an ended session: the Session and its CDR, as 2.2.1 has them."""
    cdr = cdr_create(session_id=session.pk, now=now()) or Cdr.objects.get(session=session)
    cdrs_seal_missing(now=now())
    rows = list(Session.objects.select_related(*RELATED).filter(pk=session.pk))
    sealed = SealedCdr.objects.get(cdr=cdr)
    own = identity_of(session.organization)
    return [sessions_render(rows, own, "2.2.1")[0], cdr_tell(sealed, "2.2.1")]
