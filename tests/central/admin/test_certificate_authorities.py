"""Certificate authorities in the admin: made with a click, imported, downloaded, changed, retired."""

import pytest
from django.test import Client

from central.models import CertificateAuthority, TrustedCertificate
from central.services.certificate_making import key_text
from emobility.lib import pki
from registry.models import Organization
from tests.support.pki import Ca, utc_now
from tests.support.registry import make_certificate
from tests.support.world import staff

pytestmark = pytest.mark.django_db
ADD = "/admin/central/certificateauthority/add/"
FORM = {
    "name": "Amber CA",
    "use": "charging_station",
    "key_choice": "EC P-256",
    "validity_days": "90",
    "renew_days": "30",
    "key_types": "EC",
    "padding": "pss",
}


@pytest.fixture
def own():
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def client(own):
    client = Client()
    client.force_login(staff(own, "admin"))
    return client


def test_one_is_made_downloaded_changed_and_retired(client, own):
    assert client.get(ADD).status_code == 200
    answer = client.post(ADD, FORM)
    made = CertificateAuthority.objects.get()
    assert (answer.status_code, made.organization, made.key_types, made.signs) == (302, own, ["EC"], True)
    page = f"/admin/central/certificateauthority/{made.pk}/"
    file = client.get(f"{page}certificate.pem")
    assert pki.certificates_read(file.content.decode())[0].serial_number
    assert "attachment" in file["Content-Disposition"]
    assert "PRIVATE KEY" not in client.get(f"{page}change/").content.decode()
    change = FORM | {"validity_days": "30", "key_types": "RSA,EC", "subject_organization": "Amber"}
    assert client.post(f"{page}edit/", change).status_code == 302
    made.refresh_from_db()
    assert (made.validity_days, made.key_types, made.subject_organization) == (30, ["RSA", "EC"], "Amber")
    assert client.post(f"{page}do/retire/").status_code == 302
    made.refresh_from_db()
    assert not made.signs


def test_one_is_imported_with_its_key_or_refused_with_the_reason(client):
    ca = Ca.make("Brought", utc_now())
    form = FORM | {"key_choice": "import", "certificates_pem": ca.pem, "private_key_pem": key_text(ca.key)}
    wrong = form | {"private_key_pem": "nonsense"}
    refused = client.post(ADD, wrong)
    assert (refused.status_code, "private key" in refused.content.decode()) == (400, True)
    assert client.post(ADD, form).status_code == 302
    assert CertificateAuthority.objects.get().fingerprint == pki.fingerprint(ca.certificate)


def test_only_administrators_make_them(own):
    client = Client()
    client.force_login(staff(own, "operator"))
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, FORM).status_code == 403
    assert not CertificateAuthority.objects.exists()


def test_the_key_is_in_no_answer_of_rest(client):
    client.post(ADD, FORM)
    (row,) = client.get("/api/certificate-authorities/").json()["results"]
    assert "private_key" not in row
    assert row["certificate_pem"].startswith("-----BEGIN CERTIFICATE")


def test_a_trusted_certificate_is_checked_before_it_is_kept(client):
    ca = Ca.make("Mobility", utc_now())
    add = "/admin/central/trustedcertificate/add/"
    form = {"name": "M", "certificate_type": "MORootCertificate", "certificate_pem": make_certificate()}
    assert "no certificate authority" in client.post(add, form).content.decode()
    assert client.post(add, form | {"certificate_pem": ca.pem}).status_code == 302
    assert "CN=Mobility" in TrustedCertificate.objects.get().subject
    for spoilt in ("", "x"):
        assert client.post(add, form | {"certificate_pem": spoilt}).status_code == 200
