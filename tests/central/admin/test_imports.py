"""The pages that take files: faults first, then the deed; credentials as a download, once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from central.models import IdToken
from registry.models import ChargePoint, Organization
from registry.models.user import Role
from registry.services.credentials import credential_matches
from tests.support.world import staff

POINTS = "/admin/registry/chargepoint/import/"
TOKENS = "/admin/central/idtoken/import/"


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def office(organization):
    client = Client()
    client.force_login(staff(organization, Role.OPERATOR))
    return client


def _file(text):
    return {"file": SimpleUploadedFile("rows.csv", text.encode(), "text/csv")}


def test_a_file_is_shown_first_and_its_credentials_come_as_a_download(office):
    assert POINTS in office.get("/admin/registry/chargepoint/").content.decode()
    preview = office.post(POINTS, _file("cp_id,location\nCP-1,Berlin\n"))
    assert (preview.status_code, ChargePoint.objects.count()) == (200, 0)
    assert 'name="confirm"' in preview.content.decode()
    text = preview.context["text"]
    done = office.post(POINTS, {"text": text, "confirm": "1"})
    assert done["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in done["Cache-Control"]
    password = done.content.decode().splitlines()[1].split('"')[3]
    assert credential_matches(ChargePoint.objects.get(), password)
    assert office.post(POINTS, {"text": text, "confirm": "1"}).status_code == 302


def test_a_wrong_row_cannot_be_confirmed(office):
    page = office.post(POINTS, _file("cp_id,site\nCP-1,Moon\n")).content.decode()
    assert "There is no such site: Moon." in page
    assert 'name="confirm"' not in page
    assert office.post(POINTS, {"text": "cp_id,site\nCP-1,Moon\n", "confirm": "1"}).status_code == 400
    assert office.post(POINTS, _file("name\nx\n")).status_code == 400
    assert ChargePoint.objects.count() == 0


def test_text_of_a_file_is_never_a_tag_of_the_page(office):
    page = office.post(TOKENS, {"text": "uid,holder\nA1,<script>alert(1)</script>\n"}).content.decode()
    assert "<script>alert(1)" not in page


def test_tags_are_imported(office):
    answer = office.post(TOKENS, {"text": "uid,blocked\nA1,yes\n", "confirm": "1"}, follow=True)
    assert "1 new, 0 changed, 0 as they were." in answer.content.decode()
    assert IdToken.objects.get().blocked


def test_who_only_looks_has_no_such_page(organization):
    client = Client()
    client.force_login(staff(organization, Role.VIEWER))
    for page in (POINTS, TOKENS):
        assert client.get(page).status_code == 403
        assert page not in client.get(page.removesuffix("import/")).content.decode()
