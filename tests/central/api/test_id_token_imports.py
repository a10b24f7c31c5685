"""`POST /api/imports/id-tokens`: made, changed and blocked by uid; all or nothing."""

from typing import Any

import pytest

from central.models import IdToken
from registry.models import AuditEntry, Organization
from registry.models.user import Role
from tests.support.registry import bearer, central_face, person

IMPORT = "/api/imports/id-tokens"


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def operator(organization):
    return central_face(**bearer(person(organization, Role.OPERATOR)))


def _rows(*rows):
    return {"rows": list(rows)}


def test_tags_are_made_changed_and_blocked(operator):
    first = _rows(
        {"uid": "04AABB", "holder": "Kim", "group": "fleet", "expires_at": "2020-01-01"}, {"uid": "04CCDD"}
    )
    assert operator.post(IMPORT, first).json() == {"new": 2, "change": 0, "same": 0}
    again = _rows({"uid": "04aabb", "blocked": True}, {"uid": "04CCDD"})
    assert operator.post(IMPORT, again).json() == {"new": 0, "change": 1, "same": 1}
    tag: Any = IdToken.objects.select_related("group").get(uid="04AABB")
    assert (tag.holder, tag.group.uid, tag.blocked, tag.expires_at.year) == ("Kim", "fleet", True, 2020)
    assert IdToken.objects.count() == 2
    assert AuditEntry.objects.filter(action="id_tokens.imported").count() == 2


def test_a_file_is_taken_as_well_and_previewed(operator):
    raw = "uid,type,blocked\nA1,ISO14443,no\nA1,,\n,,\nA2,,perhaps\n"
    answer = operator._client.post(
        f"{IMPORT}?preview=1", raw.encode(), content_type="text/csv", headers=operator.headers
    )
    assert [(each["line"], each["state"], list(each["faults"])) for each in answer.json()] == [
        (2, "fault", ["uid"]),
        (3, "fault", ["uid"]),
        (5, "fault", ["blocked"]),
    ]
    assert IdToken.objects.count() == 0


def test_one_fault_stops_all(operator):
    answer = operator.post(IMPORT, _rows({"uid": "A1"}, {"uid": "A2", "valid_from": "soon"}))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["line 2"])
    assert IdToken.objects.count() == 0


@pytest.mark.parametrize("role", [Role.MAINTENANCE, Role.VIEWER, Role.PARTNER])
def test_who_may_not_change_tags_may_not_import(organization, role):
    face = central_face(**bearer(person(organization, role)))
    assert face.post(IMPORT, _rows({"uid": "A1"})).status_code == 403
