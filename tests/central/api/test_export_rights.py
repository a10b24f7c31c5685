"""Files of exports: fetched by the rights that the caller has now, never by those at the time of ordering."""

import pytest
from django.test import Client

from emobility.lib.clock import utc_now
from registry.api.export_tables import export_source
from registry.models import ExportJob, Organization
from registry.services.export_jobs import export_jobs_run
from tests.support.machines import api_key, machine
from tests.support.world import furnish, staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def chief(own):
    furnish(own, "AMBER", 1)
    return staff(own, "admin", is_active=True)


@pytest.fixture
def audit_file(chief):
    """The audit trail as a file that an admin ordered."""
    client = Client()
    client.force_login(chief)
    order = {"table": "audit", "format": "csv"}
    answer = client.post("/api/export-jobs/", order, "application/json")
    export_jobs_run(source_of=export_source, clock=utc_now)
    job = ExportJob.objects.get(uid=answer.json()["uid"])
    assert job.file
    return job


def address(job):
    return f"/api/export-jobs/{job.uid}/file/"


def test_who_lost_the_right_to_the_rows_gets_no_file_of_them(chief, audit_file):
    client = Client()
    chief.role = "viewer"
    chief.save()
    client.force_login(chief)
    assert client.get(address(audit_file)).status_code == 403
    page = f"/admin/registry/exportjob/{audit_file.pk}/file/"
    assert client.get(page).status_code in {302, 403}


def test_a_key_cut_down_to_seeing_gets_no_file_of_others(own, chief, audit_file):
    _, header = api_key(machine(own, role="admin", scopes=["see"]))
    client = Client(headers=header)
    assert client.get(address(audit_file)).status_code == 404
    assert client.get("/api/export-jobs/").json()["results"] == []
