"""`POST /api/imports/charge-points`: preview, then all or nothing; the same file again is safe."""

import csv
import io

import pytest

from registry.models import ChargePoint, Site
from registry.models.user import Role
from registry.services.credentials import credential_matches
from tests.support.registry import bearer, central_face, person

IMPORT = "/api/imports/charge-points"
FILE = "cp_id;site;location;security_profile\nCP-1;Harbour;Berlin, gate 1;2\nCP-2;;;\n"


@pytest.fixture
def operator(organization):
    Site.objects.create(organization=organization, name="Harbour")
    return central_face(**bearer(person(organization, Role.OPERATOR)))


def _post(face, text, query=""):
    raw = text if isinstance(text, bytes) else text.encode()
    return face._client.post(f"{IMPORT}{query}", raw, content_type="text/csv", headers=face.headers)


def test_a_preview_tells_every_fault_and_makes_nothing(operator, stranger_organization):
    ChargePoint.objects.create(
        organization=stranger_organization, cp_id="TAKEN", registered_at="2026-01-01T00:00:00Z"
    )
    lines = [
        "cp_id,site,security_profile",
        "good,Harbour,1",
        "a:b,,",
        "twice,,",
        "twice,,",
        "TAKEN,,",
        "x,Moon,9",
    ]
    told = _post(operator, "\n".join(lines), "?preview=true").json()
    assert [(each["line"], each["state"], sorted(each["faults"])) for each in told] == [
        (2, "new", []),
        (3, "fault", ["cp_id"]),
        (4, "fault", ["cp_id"]),
        (5, "fault", ["cp_id"]),
        (6, "fault", ["cp_id"]),
        (7, "fault", ["security_profile", "site"]),
    ]
    assert _post(operator, "\n".join(lines)).status_code == 400
    assert ChargePoint.objects.count() == 1


def test_the_passwords_of_new_ones_stand_in_the_answer_and_the_same_file_makes_nothing_more(operator):
    answer = _post(operator, FILE)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    made = {each["cp_id"]: each["password"] for each in answer.json()}
    for point in ChargePoint.objects.all():
        assert credential_matches(point, made[point.cp_id])
    assert ChargePoint.objects.get(cp_id="CP-1").location == "Berlin, gate 1"
    again = _post(operator, FILE + "CP-3;;;\n")
    assert [each["cp_id"] for each in again.json()] == ["CP-3"]


def test_credentials_come_as_a_file_without_formulas(operator):
    answer = _post(operator, "cp_id\n=1+1\n@SUM\n", "?as=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert answer["Content-Disposition"].startswith("attachment")
    assert [row[0] for row in rows] == ["cp_id", "'=1+1", "'@SUM"]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"name\nx\n",
        b"cp_id,cp_id\nA,B\n",
        b"cp_id\nA,B\n",
        b"cp_id\n" + b"x\n" * 2001,
        b"a" * 1024**2 + b"a",
    ],
    ids=[
        "encoding",
        "unknown column",
        "column twice",
        "too many cells",
        "too many rows",
        "too large",
    ],
)
def test_a_file_that_cannot_be_read_is_refused(operator, raw):
    answer = _post(operator, raw)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])


def test_json_is_taken_as_well(operator):
    made = operator.post(IMPORT, {"rows": [{"cp_id": "CP-9", "security_profile": 1}]})
    assert made.status_code == 201
    assert ChargePoint.objects.get().security_profile == 1
    assert operator.post(IMPORT, {"rows": ["CP-9"]}).status_code == 400


@pytest.mark.parametrize("role", [Role.MAINTENANCE, Role.VIEWER, Role.PARTNER])
def test_who_may_not_enrol_may_not_import(organization, role):
    assert _post(central_face(**bearer(person(organization, role))), FILE).status_code == 403
