"""T9 and T10: no way down from a security profile; a client certificate proves one charge point only."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.test import Client

from central.consumers.authentication import Refused, admit, knock_of
from central.models import ChargePointStatus, IssuedCertificate
from central.services.authorities import Policy, authority_generate, authority_import
from central.services.certificate_making import key_text
from central.services.issued_certificates import certificate_revoke
from central.services.security_profiles import profile_reset
from emobility.lib import pki
from emobility.lib.errors import Conflict
from registry.models import AuditEntry, ChargePoint, Event
from tests.support.charge_point import Refused as SocketRefused
from tests.support.charge_point import plug_in
from tests.support.handlers import Bench, charge_point_create
from tests.support.pki import Ca, key, make_csr
from tests.support.registry import make_certificate, person
from tests.support.wait import eventually
from tests.support.world import staff

PROXY = "10.0.0.1"
DAY = timedelta(days=1)
TLS = {"X-Forwarded-Proto": "https"}


def now():
    return datetime.now(UTC)


# --- T9 -------------------------------------------------------------------------------------------


@pytest.mark.integration
def test_t9_once_seen_on_a_profile_a_lower_one_is_refused_until_an_admin_resets_it(enrolled, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    with enrolled.plug_in("1.6", headers=TLS) as charger:
        charger.boot()
    assert ChargePoint.objects.get().security_profile == 2
    for _ in range(2):
        with pytest.raises(SocketRefused) as refused, enrolled.plug_in("1.6"):
            pass
        assert refused.value.status == 401
    assert Event.objects.filter(kind="security.profile_downgrade_refused").count() == 1
    client = Client()
    client.force_login(staff(enrolled.row.organization, "operator"))
    page = f"/admin/registry/chargepoint/{enrolled.row.pk}/do/reset-security-profile/"
    assert client.post(page, {"profile": "0"}).status_code == 403
    client.force_login(staff(enrolled.row.organization, "admin"))
    assert client.post(page, {"profile": "0"}).status_code == 302
    with enrolled.plug_in("1.6") as charger:
        charger.boot()
    assert ChargePoint.objects.get().security_profile == 1


@pytest.mark.django_db
def test_t9_a_reset_only_lowers_and_is_in_the_audit_trail(charge_point, organization):
    admin = person(organization, "admin")
    with pytest.raises(Conflict):
        profile_reset(charge_point=charge_point, profile=1, actor=admin, now=now())
    charge_point.security_profile = 3
    charge_point.save()
    profile_reset(charge_point=charge_point, profile=2, actor=admin, now=now())
    assert ChargePoint.objects.get().security_profile == 2
    assert AuditEntry.objects.get().action == "charge_point.security_profile_reset"


# --- T10 ------------------------------------------------------------------------------------------


@pytest.fixture
def ca():
    return Ca.make("Amber", now() - 500 * DAY)


@pytest.fixture
def registered(db, settings, organization, charge_point, ca):
    """A charge point whose organisation signs with `ca`, behind a trusted proxy."""
    settings.TRUSTED_PROXIES = [PROXY]
    authority_import(
        organization=organization,
        policy=Policy("Amber CA"),
        certificates_pem=ca.pem,
        private_key_pem=key_text(ca.key),
        now=now(),
    )
    return charge_point


def sign(charge_point, common="", **fields):
    """A certificate that our authority signs for it, as PEM."""
    csr = make_csr(common or charge_point.cp_id, signer=key(), **fields)
    answer = Bench(charge_point, "1.6", now()).call("SignCertificate", {"csr": csr})
    assert answer == {"status": "Accepted"}
    return IssuedCertificate.objects.latest("id").certificate_pem


def knock(certificate, cp_id="AMBER-1", peer=PROXY, **headers):
    pairs = {"x-forwarded-proto": "https", "x-ssl-client-cert": quote(certificate), **headers}
    scope = {
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        "client": (peer, 4711),
        "scheme": "ws",
    }
    return admit(knock_of(scope, cp_id), now())


def bind(charge_point, certificate):
    """Register a certificate with the charge point, as the Registry does."""
    pem = pki.pem_of(certificate)
    charge_point.certificate_pem, charge_point.certificate_fingerprint = pem, pki.fingerprint(certificate)
    charge_point.save()
    return pem


def test_t10_the_good_one_comes_in_with_profile_3_and_is_bound(registered):
    pem = sign(registered)
    assert knock(pem).cp_id == "AMBER-1"
    registered.refresh_from_db()
    assert registered.security_profile == 3
    assert registered.certificate_fingerprint == IssuedCertificate.objects.get().fingerprint
    assert IssuedCertificate.objects.get().state == "active"


def _expired(point, ca, settings):
    return bind(point, ca.issue("AMBER-1", now=now() - 400 * DAY))


def _self_signed(point, ca, settings):
    pem = make_certificate(name="AMBER-1")
    return bind(point, pki.certificates_read(pem)[0])


def _another_ca(point, ca, settings):
    return bind(point, Ca.make("Amber", now()).issue("AMBER-1", now=now()))


def _wrong_organization(point, ca, settings):
    return bind(point, ca.issue("AMBER-1", "Basalt Power", now=now()))


def _wrong_name(point, ca, settings):
    return bind(point, ca.issue("AMBER-77", now=now()))


def _of_another(point, ca, settings):
    return sign(charge_point_create(point.organization, "AMBER-2"))


def _unknown(point, ca, settings):
    return pki.pem_of(ca.issue("AMBER-1", now=now()))


def _forged_header(point, ca, settings):
    settings.TRUSTED_PROXIES = ["203.0.113.9"]
    return sign(point)


def _revoked(point, ca, settings):
    pem = sign(point)
    row = IssuedCertificate.objects.get()
    certificate_revoke(certificate=row, reason="stolen", actor="test", now=now())
    return pem


BAD = [
    _expired,
    _self_signed,
    _another_ca,
    _wrong_organization,
    _wrong_name,
    _of_another,
    _unknown,
    _forged_header,
    _revoked,
]


@pytest.mark.parametrize("make", BAD, ids=[each.__name__.strip("_") for each in BAD])
def test_t10_every_other_one_is_refused(registered, ca, settings, make):
    with pytest.raises(Refused) as refused:
        knock(make(registered, ca, settings))
    assert refused.value.status == 401
    told = Event.objects.filter(kind="security.client_certificate_refused")
    assert told.exists() == (make is not _forged_header)


def test_t10_one_that_a_trusted_authority_signed_and_that_was_registered_comes_in(registered, ca):
    assert knock(bind(registered, ca.issue("AMBER-1", now=now()))).security_profile == 3


def test_t10_the_serial_number_may_stand_for_the_name(registered):
    ChargePointStatus.objects.create(charge_point=registered, serial_number="SN-9")
    assert knock(sign(registered, "SN-9")).cp_id == "AMBER-1"


def test_t10_profile_3_needs_the_certificate_even_where_the_password_is_right(registered):
    knock(sign(registered))
    with pytest.raises(Refused):
        knock("", authorization="Basic QU1CRVItMTp4")


def test_a_certificate_without_authority_proves_nothing(db, settings, charge_point, ca):
    settings.TRUSTED_PROXIES = [PROXY]
    with pytest.raises(Refused):
        knock(bind(charge_point, ca.issue("AMBER-1", now=now())))


def test_a_deregistered_one_stays_outside(registered):
    pem = sign(registered)
    ChargePoint.objects.update(status="DEREGISTERED")
    with pytest.raises(Refused):
        knock(pem)


def test_what_a_retired_authority_signed_stays_good(registered, organization):
    pem = sign(registered)
    authority_generate(organization=organization, policy=Policy("Next"), now=now())
    assert knock(pem).cp_id == "AMBER-1"


@pytest.mark.integration
def test_the_journey_from_the_order_to_the_connection_with_the_new_certificate(enrolled, settings):
    """Order, trigger, signing request, delivery, first use: over the wire, seen in REST and admin."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    point = enrolled.row
    authority_generate(organization=point.organization, policy=Policy("Amber CA"), now=now())
    client = Client()
    client.force_login(staff(point.organization, "admin"))
    shown = TLS | {"X-SSL-Client-Cert": quote(_renewed(enrolled, client))}
    with plug_in(enrolled.url, point.cp_id, None, "2.0.1", headers=shown) as charger:
        charger.boot()
    settings.TRUSTED_PROXIES = []
    with (
        pytest.raises(SocketRefused) as refused,
        plug_in(enrolled.url, point.cp_id, None, "2.0.1", headers=shown),
    ):
        pass
    assert refused.value.status == 401
    (row,) = client.get("/api/issued-certificates/?charge_point=CP-1").json()["results"]
    assert (row["state"], row["proved_at"] is None) == ("active", False)
    assert "In use" in client.get(f"/admin/central/issuedcertificate/{row['id']}/change/").content.decode()
    assert client.get(f"/api/charge-points/{point.cp_id}/").json()["security_profile"] == 3


def _renewed(enrolled, client):
    """The chain that the charge point got when it was asked to renew its certificate."""
    delivered: list[dict[str, str]] = []

    def take(request):
        delivered.append(request)
        return {"status": "Accepted"}

    handlers = {"TriggerMessage": {"status": "Accepted"}, "CertificateSigned": take}
    kind = {"certificate_type": "ChargingStationCertificate"}
    order = {"order": "certificate_renew", "charge_point": enrolled.cp_id, "params": kind}
    with enrolled.plug_in("2.0.1", headers=TLS, handlers=handlers) as charger:
        charger.boot()
        assert client.post("/api/commands/", order, content_type="application/json").status_code == 202
        eventually(lambda: [name for name, _ in charger.calls] == ["TriggerMessage"])
        csr = make_csr(enrolled.cp_id, organization="Amber")
        asked = {"csr": csr, "certificateType": "ChargingStationCertificate"}
        assert charger.call("SignCertificate", asked)["status"] == "Accepted"
        eventually(lambda: IssuedCertificate.objects.get().state == "accepted")
    return delivered[0]["certificateChain"]
