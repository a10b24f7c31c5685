"""Rows of the OCPI benchmark: one real CDR, copied inside PostgreSQL; partners and what waits for them.

Called in the server's environment by `manage.py shell`, which has set up Django.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.timezone import now

from billing.models import Cdr
from billing.services.cdrs import cdr_create
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import IdToken, MeterValue, Session
from ocpi.core import auth
from ocpi.core.versions import SUPPORTED
from ocpi.models import Partner, SealedCdr
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.services.bootstrap_tokens import bootstrap_token_issue
from ocpi.services.partner_rows import token_add
from registry.models import ChargePoint, Organization, Party, Site
from registry.services.organizations import organization_default

PROVIDER = ("NL", "BIG")
BEGAN = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRICE = {"type": "ENERGY", "price": 0.5, "vat": 20, "step_size": 1}


def main(cdrs: int, handshakes: int, address: str) -> None:
    """Make it and print as JSON: `headers` by version of who has all CDRs, `tokens_a`, ids of `partners`."""
    own = organization_default(now())
    own.country_code, own.party_id, own.ocpi_roles = "DE", "EMP", ["CPO"]
    own.save()
    provider = _partner(own, PROVIDER, "")
    first = _cdr(own, provider)
    _copies(first, cdrs - 1)
    _, token = token_add(organization=own, partner=provider, now=now())
    issued = [bootstrap_token_issue(organization=own, now=now())[1] for _ in range(handshakes)]
    partners = {
        name: _partner(own, ("BE", name), url).pk
        for name, url in {
            "DRN": f"{address}/20/DRN/2.2.1",
            "ONE": f"{address}/20/ONE/2.2.1",
            "GUT": f"{address}/20/GUT/2.2.1",
            "SLO": f"{address}/10000/SLO/2.2.1",
            "OFF": "https://127.0.0.1:9/OFF/2.2.1",
        }.items()
    }
    headers = {version: auth.header(token, auth.form_of(version)) for version in SUPPORTED}
    sys.stdout.write(json.dumps({"headers": headers, "tokens_a": issued, "partners": partners}))


def _partner(own: Organization, name: tuple[str, str], url: str) -> Partner:
    role = {"role": "EMSP", "country_code": name[0], "party_id": name[1]}
    partner = Partner.objects.create(
        organization=own,
        country_code=name[0],
        party_id=name[1],
        roles=[role],
        version="2.2.1",
        token_out="benchmark",
        registered_at=now(),
        requests_per_minute=2_000_000,
    )
    partner.parties.add(
        Party.objects.create(organization=own, country_code=name[0], party_id=name[1], role="EMSP")
    )
    if url:
        partner.endpoints.create(identifier="cdrs", role="RECEIVER", url=f"{url}/cdrs")
    return partner


def _cdr(own: Organization, provider: Partner) -> Cdr:
    """An hour's charging of the provider's driver, rated and sealed as the platform does it."""
    site = Site.objects.create(
        organization=own, name="Hof", address="Weg 1", city="Bonn", latitude="50.7", longitude="7.1"
    )
    box = ChargePoint.objects.create(organization=own, cp_id="BIG-1", site=site, registered_at=BEGAN)
    elements: list[dict[str, Any]] = [{"price_components": [PRICE]}]
    tariff = tariff_create(
        organization=own, tariff_id="T1", name="T1", currency="EUR", elements=elements,
        valid_from=BEGAN - HOUR, now=BEGAN,
    )  # fmt: skip
    tariff_assign(organization=own, tariff=tariff, valid_from=BEGAN - HOUR, now=BEGAN)
    tag = IdToken.objects.create(organization=own, uid="04AB", party=provider.parties.get())
    session = Session.objects.create(
        organization=own, charge_point=box, site=site, id_token=tag, id_tag="04AB", evse_number=1,
        connector_number=1, ocpp_version="1.6", transaction_id="0", start_key="0", started_at=BEGAN,
        start_received_at=BEGAN, meter_start_wh=0, state="ended", ended_at=BEGAN + HOUR,
        end_received_at=BEGAN + HOUR, meter_stop_wh=10_000, energy_wh=10_000,
    )  # fmt: skip
    MeterValue.objects.bulk_create(
        MeterValue(
            charge_point=box, session=session, sampled_at=at, received_at=at, register_wh=minutes * 166
        )
        for minutes in range(0, 60, 10)
        for at in [BEGAN + timedelta(minutes=minutes)]
    )
    cdr = cdr_create(session_id=session.pk, now=now() - HOUR)
    assert cdr is not None
    cdrs_seal_missing(now=now())
    return cdr


def _copies(first: Cdr, count: int) -> None:
    """The same session, CDR and sealed object with other ids, a minute apart."""
    place = f"charge_point_id = {first.session.charge_point_id}"
    known = f"(SELECT id FROM central_session WHERE {place} AND transaction_id = n::text)"
    uuid, at = "md5('cdr' || n)::uuid::text", "'2025-03-01'::timestamptz + n * interval '1 minute'"
    with connection.cursor() as cursor:
        session = {"uid": "gen_random_uuid()", "transaction_id": "n::text", "start_key": "n::text"}
        _copy(cursor, Session, first.session_id, count, session)
        cursor.execute("ANALYZE central_session")
        _copy(cursor, Cdr, first.pk, count, {"cdr_id": uuid, "session_id": known, "created_at": at})
        cursor.execute("ANALYZE billing_cdr")
        named = f"(SELECT id FROM billing_cdr WHERE cdr_id = {uuid})"
        sealed = SealedCdr.objects.get(cdr=first)
        payload = f"jsonb_set(source.payload, '{{id}}', to_jsonb({uuid}))"
        _copy(cursor, SealedCdr, sealed.pk, count, {"cdr_id": named, "payload": payload, "last_updated": at})
        for table in ("central_session", "billing_cdr", "ocpi_sealedcdr"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _copy(cursor: Any, model: type[Any], key: int, count: int, other: dict[str, str]) -> None:
    meta = model._meta  # noqa: SLF001 -- Django's own name for what is public
    columns = [field.column for field in meta.concrete_fields if not field.primary_key]
    values = ", ".join(other.get(column, f'source."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table = meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values}"
        f" FROM {table} source, generate_series(1, {count}) n WHERE source.id = {key}"
    )
