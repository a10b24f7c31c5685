"""Simulated charge points and the real Central agree on each session, in every version."""

import asyncio

import httpx2
import pytest

from central.models import IdToken, MeterValue, Session
from central.ocpp.simulator.options import VERSIONS, Options
from central.ocpp.simulator.station import Station
from registry.models import Organization
from tests.support.ledger import Ledger

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_charge_point_measured_is_what_central_keeps(server, settings, version):
    settings.REGISTRY_OPEN_REGISTRATION = True
    body = {"cp_id": "CP 1", "location": "Berlin"}
    secret = httpx2.post(server.registry_http("/cp/register"), json=body).json()["credentials"]
    IdToken.objects.create(organization=Organization.objects.get(), uid="TAG-1", concurrent_sessions=0)
    options = Options(
        cp_id="CP 1",
        central_url=server.ws("/ocpp"),
        version=version,
        connectors=2,
        power_kw=300.0,
        id_tag="TAG-1",
        sessions=2,
        session_seconds=0.3,
        meter_interval=0.1,
        first_pause=0.0,
        pause_seconds=0.0,
    )
    ledger = Ledger()
    station = Station(options, lambda: secret, on_acknowledged=ledger.writer("CP 1"))
    asyncio.run(asyncio.wait_for(station.run(asyncio.Event()), 30))
    sessions = {session.transaction_id: session for session in Session.objects.all()}
    assert len(sessions) == len(ledger.accounts) == 4
    for account in ledger.accounts.values():
        session = sessions[account.transaction_id]
        assert (session.state, session.energy_wh) == ("ended", account.energy_wh)
        assert account.energy_wh > 0
        stored = MeterValue.objects.filter(session=session, context="Sample.Periodic").count()
        assert stored >= len(account.sampled) - 2
