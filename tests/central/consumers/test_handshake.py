"""The handshake: credentials before the upgrade, refusals as HTTP statuses (RELIABILITY T1, T4, T5, T13)."""

import pytest

from central.models import ChargePointStatus
from emobility.lib.clock import utc_now
from registry.models.charge_point import RegistrationStatus
from registry.services.tokens import charge_point_token_issue
from tests.support.charge_point import Refused, basic_auth, plug_in
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


def refusal(url, cp_id, password, **options):
    """The HTTP status of a refused handshake."""
    with pytest.raises(Refused) as caught, plug_in(url, cp_id, password, **options):
        pass
    return caught.value.status


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_right_secret_opens_in_each_version(enrolled, version):
    with enrolled.plug_in(version) as charger:
        assert charger.boot()["status"] == "Accepted"
        assert charger.heartbeat()["currentTime"].endswith("Z")
        live = ChargePointStatus.objects.get(charge_point=enrolled.row)
        assert (live.ocpp_version, live.is_online) == (version, True)
    eventually(lambda: not ChargePointStatus.objects.get(charge_point=enrolled.row).is_online)


def test_t1_wrong_credentials_are_refused_before_the_upgrade(enrol):
    """T1: none, empty, wrong user, wrong password, another's password, Basic without colon."""
    one, other = enrol("CP-1"), enrol("CP-2")
    assert refusal(one.url, "CP-1", None) == 401
    assert refusal(one.url, "CP-1", "") == 401
    assert refusal(one.url, "CP-1", one.secret, user="CP-2") == 401
    assert refusal(one.url, "CP-1", "wrong") == 401
    assert refusal(one.url, "CP-1", other.secret) == 401
    assert refusal(one.url, "CP-1", None, headers={"Authorization": "Basic bm9jb2xvbg=="}) == 401
    with one.plug_in() as charger:
        assert charger.boot()


@pytest.mark.parametrize(
    "header",
    ["Basic bm9jb2xvbg==", "Bearer nonsense", "Basic %%%", "Digest x", "Basic", "Bearer " + "x" * 5000],
)
def test_strange_credentials_are_refused(enrolled, header):
    assert refusal(enrolled.url, "CP-1", None, headers={"Authorization": header}) == 401


@pytest.mark.parametrize("cp_id", ["CP-9", "no/slash", "x" * 49, "ü", "CP 1;", "\x00"])
def test_an_unknown_id_is_404(enrolled, cp_id):
    assert refusal(enrolled.url, cp_id, enrolled.secret) == 404


def test_an_address_that_nobody_serves_is_404(server):
    assert refusal(server.ws("/elsewhere"), "x", None) == 404


def test_a_deregistered_charge_point_is_refused(enrolled):
    enrolled.row.status = RegistrationStatus.DEREGISTERED
    enrolled.row.save()
    assert refusal(enrolled.url, "CP-1", enrolled.secret) == 401


def test_a_token_of_the_registry_opens(enrol):
    one, other = enrol("CP-1"), enrol("CP-2")
    token, _ = charge_point_token_issue(one.row, utc_now())
    bearer = {"Authorization": f"Bearer {token}"}
    assert refusal(other.url, "CP-2", None, headers=bearer) == 401
    with plug_in(one.url, "CP-1", None, headers=bearer) as charger:
        assert charger.boot()["status"] == "Accepted"


@pytest.mark.parametrize("cp_id", ["CP 1", "A|B+C=D@E.F", "x" * 48, "*-_"])
def test_ids_are_percent_decoded(enrol, cp_id):
    """1.6-J §3.1.1: the id is percent-encoded in the address."""
    with enrol(cp_id).plug_in() as charger:
        assert charger.boot()["status"] == "Accepted"


def test_a_trailing_slash_is_accepted(enrolled):
    headers = basic_auth("CP-1", enrolled.secret)
    with plug_in(enrolled.url, "CP-1/", None, headers=headers) as charger:
        assert charger.boot()


class TestFailures:
    """T4: failures are limited per address and id and per address; the id is never locked."""

    def test_t4_guessing_is_stopped_but_the_charge_point_elsewhere_connects(self, enrolled, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        attacker = {"X-Forwarded-For": "203.0.113.9"}
        statuses = [refusal(enrolled.url, "CP-1", "wrong", headers=attacker) for _ in range(8)]
        assert statuses[:5] == [401] * 5
        assert set(statuses[6:]) == {429}
        assert refusal(enrolled.url, "CP-1", enrolled.secret, headers=attacker) == 429
        with enrolled.plug_in(headers={"X-Forwarded-For": "198.51.100.7"}) as charger:
            assert charger.boot()

    def test_a_forged_address_changes_nothing(self, enrolled):
        """T5: X-Forwarded-For counts only from trusted proxies."""
        statuses = [
            refusal(enrolled.url, "CP-1", "wrong", headers={"X-Forwarded-For": f"10.0.0.{number}"})
            for number in range(8)
        ]
        assert statuses[-1] == 429

    def test_success_is_never_counted(self, enrolled):
        """A site of many charge points shares one address."""
        for _ in range(25):
            with enrolled.plug_in():
                pass


class TestVersions:
    """The version is chosen in the client's order (OCPP-J §3.1.2)."""

    @pytest.mark.parametrize(
        ("offered", "chosen"),
        [
            (["ocpp1.6"], "ocpp1.6"),
            (["ocpp2.0.1", "ocpp1.6"], "ocpp2.0.1"),
            (["ocpp1.6", "ocpp2.1"], "ocpp1.6"),
            (["ocpp3.0", "ocpp2.1", "ocpp2.0.1"], "ocpp2.1"),
        ],
    )
    def test_the_first_that_we_speak(self, enrolled, offered, chosen):
        with enrolled.plug_in(subprotocols=offered) as charger:
            assert charger.inner.socket.subprotocol == chosen

    @pytest.mark.parametrize("offered", [["ocpp1.5"], []])
    def test_none_in_common_upgrades_without_the_header_and_closes(self, enrolled, offered):
        with enrolled.plug_in(subprotocols=offered) as charger:
            assert charger.inner.socket.subprotocol is None
            charger.wait_closed()
        live = ChargePointStatus.objects.filter(charge_point=enrolled.row, connection_id__isnull=False)
        assert not live.exists()


def test_t13_a_charge_point_needs_no_origin(enrolled):
    """T13: charge points send none; one that does proves itself all the same."""
    with enrolled.plug_in(headers={"Origin": "https://evil.example"}) as charger:
        assert charger.boot()


class TestProfiles:
    """T9: once seen with TLS, never without again."""

    def test_plaintext_needs_the_switch(self, enrolled, settings):
        settings.OCPP_ALLOW_PLAINTEXT = False
        assert refusal(enrolled.url, "CP-1", enrolled.secret) == 401

    def test_a_downgrade_is_refused_until_an_operator_resets_it(self, enrolled, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        with enrolled.plug_in(headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}):
            pass
        assert refusal(enrolled.url, "CP-1", enrolled.secret) == 401
        enrolled.row.security_profile = 0
        enrolled.row.save(update_fields=["security_profile"])
        with enrolled.plug_in() as charger:
            assert charger.boot()
