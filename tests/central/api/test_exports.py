"""Exports over REST and from the lists: the rows of the filter, the rights of the rows, a trace of each."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from central.models import Message, MeterValue, Session
from emobility.lib.clock import utc_now
from registry.api.export_tables import TABLES, export_source
from registry.models import AuditEntry, ExportJob, Organization
from registry.services.export_jobs import (
    export_files_drop_old,
    export_jobs_run,
    export_jobs_sweep,
)
from tests.support.world import NOW, furnish, staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def world(own):
    furnish(Organization.objects.create(name="Basalt", slug="basalt"), "BASALT", 1)
    return furnish(own, "AMBER", 3)


@pytest.fixture
def admin_client(own):
    return logged_in(own, "admin")


def logged_in(organization, role, **fields):
    client = Client()
    client.force_login(staff(organization, role, is_active=True, **fields))
    return client


def body(answer):
    return b"".join(answer.streaming_content)


def lines(answer):
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(body(answer).decode(), newline="")))


def work(now=None):
    return export_jobs_run(source_of=export_source, clock=(lambda: now) if now else utc_now)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("name", ["sessions", "meter-values", "messages", "security-events", "audit", "cdrs"])
def test_each_table_holds_the_rows_of_the_own_organisation_alone(world, admin_client, name, form):
    answer = admin_client.get(f"/api/exports/{name}.{form}")
    text = body(answer).decode()
    assert "AMBER" in text
    assert "BASALT" not in text
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.{form}"'
    entry = AuditEntry.objects.get(action="export.streamed")
    assert (entry.object_id, entry.after) == (name, {"format": form, "filter": ""})


def test_the_filter_is_that_of_the_resource(world, admin_client):
    point = world.rows[Session][1].charge_point.cp_id
    assert [
        row["charge_point"]
        for row in lines(admin_client.get(f"/api/exports/sessions.csv?charge_point={point}"))
    ] == [point]
    values = lines(admin_client.get(f"/api/exports/meter-values.csv?session={world.rows[Session][0].uid}"))
    assert [int(row["register_wh"]) for row in values] == [100 * minute for minute in range(10)]
    refused = admin_client.get("/api/exports/sessions.csv?state=asleep")
    assert refused.status_code == 400
    assert "state" in refused.json()["fields"]


def test_rows_that_a_role_may_not_see_it_cannot_export(world, own):
    partner = logged_in(own, "partner")
    assert partner.get("/api/exports/messages.csv").status_code == 403
    assert [each["name"] for each in partner.get("/api/exports").json()] == ["sessions", "meter-values"]
    order = {"table": "audit", "format": "csv"}
    assert partner.post("/api/export-jobs/", order, content_type="application/json").status_code == 403
    assert not ExportJob.objects.filter(table="audit").exists()
    assert Client().get("/api/exports/sessions.csv").status_code == 401


def test_tags_are_whole_for_those_who_operate_alone(world, own):
    shown = {
        role: lines(logged_in(own, role).get("/api/exports/sessions.csv"))[0]["id_tag"]
        for role in ("operator", "viewer")
    }
    assert shown["operator"] == "AMBER-0"
    assert shown["viewer"] != "AMBER-0"


def test_a_secret_of_an_old_message_does_not_leave_the_house(world, admin_client):
    Message.objects.update(
        action="ChangeConfiguration", payload={"key": "AuthorizationKey", "value": "hunter2hunter2"}
    )
    assert "hunter2" not in body(admin_client.get("/api/exports/messages.csv")).decode()


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "pdf"])
def test_a_job_makes_a_file_that_can_be_fetched_until_its_time_is_over(world, admin_client, form):
    order = {"table": "sessions", "format": form, "filter": "state=active"}
    answer = admin_client.post("/api/export-jobs/", order, content_type="application/json")
    assert answer.status_code == 202
    url = f"/api/export-jobs/{answer.json()['uid']}/"
    assert admin_client.get(f"{url}file/").status_code == 404
    assert work() == 1
    told = admin_client.get(url).json()
    assert (told["state"], told["rows"], told["file"]) == ("done", 3, f"{url}file/")
    fetched = admin_client.get(told["file"])
    content = body(fetched)
    assert len(content) == told["size"]
    assert content.startswith({"csv": b'"uid"', "jsonl": b"{", "xlsx": b"PK", "pdf": b"%PDF"}[form])
    assert fetched["X-Content-Type-Options"] == "nosniff"
    job: Any = ExportJob.objects.get(uid=told["uid"])
    assert job.file.storage.exists(job.file.name)
    later = job.expires_at + timedelta(seconds=1)
    assert export_files_drop_old(now=later) == 1
    assert not job.file.storage.exists(job.file.name)
    assert admin_client.get(url).json()["state"] == "expired"
    assert admin_client.get(told["file"]).status_code == 404
    assert set(AuditEntry.objects.filter(object_type="export").values_list("action", flat=True)) == {
        "export.ordered",
        "export.fetched",
    }


def test_what_somebody_took_is_seen_by_them_and_their_admins(world, own, admin_client):
    operator = logged_in(own, "operator")
    order = {"table": "sessions", "format": "csv"}
    uid = operator.post("/api/export-jobs/", order, content_type="application/json").json()["uid"]
    work()
    url = f"/api/export-jobs/{uid}/file/"
    assert operator.get(url).status_code == 200
    assert admin_client.get(url).status_code == 200
    assert logged_in(own, "viewer").get(url).status_code == 404
    assert logged_in(Organization.objects.get(slug="basalt"), "admin").get(url).status_code == 404


def test_a_pdf_refuses_more_rows_than_people_read(world, admin_client, monkeypatch):
    monkeypatch.setattr("registry.api.export_tables.MOST_ROWS", 2)
    order = {"table": "sessions", "format": "pdf"}
    refused = admin_client.post("/api/export-jobs/", order, content_type="application/json")
    assert refused.status_code == 400
    assert "up to 2 rows" in refused.json()["detail"]
    order = {"table": "messages", "format": "pdf"}
    assert admin_client.post("/api/export-jobs/", order, content_type="application/json").status_code == 400


def test_an_organisation_has_only_so_many_open_and_can_cancel(world, admin_client, settings):
    settings.EXPORT_JOBS = 1
    order = {"table": "sessions", "format": "csv"}
    first = admin_client.post("/api/export-jobs/", order, content_type="application/json").json()
    refused = admin_client.post("/api/export-jobs/", order, content_type="application/json")
    assert refused.status_code == 429
    cancel = f"/api/export-jobs/{first['uid']}/cancel/"
    assert admin_client.post(cancel).json()["state"] == "cancelled"
    assert admin_client.post(cancel).status_code == 409
    assert work() == 0


def test_the_job_of_a_killed_worker_starts_anew_and_is_given_up_in_the_end(world, admin_client):
    order = {"table": "meter-values", "format": "csv"}
    admin_client.post("/api/export-jobs/", order, content_type="application/json")
    job = ExportJob.objects.get(table="meter-values")
    dead = {"state": "running", "heard_at": NOW, "rows": 7}
    ExportJob.objects.filter(pk=job.pk).update(**dead, attempts=1)
    assert export_jobs_sweep(now=NOW + timedelta(minutes=1)) == 0
    assert export_jobs_sweep(now=NOW + timedelta(hours=1)) == 1
    work()
    job.refresh_from_db()
    assert (job.state, job.rows, job.attempts) == (
        "done",
        MeterValue.objects.filter(charge_point__organization=job.organization).count(),
        2,
    )
    ExportJob.objects.filter(pk=job.pk).update(**dead, attempts=3)
    export_jobs_sweep(now=NOW + timedelta(hours=1))
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_worker_that_lost_its_job_or_whose_job_was_cancelled_leaves_no_file(
    world, admin_client, monkeypatch
):
    monkeypatch.setattr("registry.services.export_jobs.TELL", timedelta(0))
    order = {"table": "meter-values", "format": "csv"}
    admin_client.post("/api/export-jobs/", order, content_type="application/json")
    job = ExportJob.objects.get(table="meter-values")

    def source_of(claimed):
        ExportJob.objects.filter(pk=claimed.pk).update(state="cancelled", run=None)
        return export_source(claimed)

    export_jobs_run(source_of=source_of, clock=utc_now)
    job.refresh_from_db()
    assert (job.state, job.file.name) == ("cancelled", "")


def test_who_lost_the_right_meanwhile_gets_nothing(world, own, admin_client):
    order = {"table": "audit", "format": "csv"}
    admin_client.post("/api/export-jobs/", order, content_type="application/json")
    own.users.filter(role="admin").update(role="viewer")
    work()
    job = ExportJob.objects.get(table="audit")
    assert (job.state, job.file.name) == ("failed", "")
    assert job.error


LISTS = {
    "central/session": ("sessions", "q=AMBER-1"),
    "central/message": ("messages", "q=AMBER-1"),
    "central/securityevent": ("security-events", "q=AMBER-1"),
    "registry/auditentry": ("audit", "q=AMBER-1"),
}


@pytest.mark.parametrize("page", LISTS)
def test_the_button_of_a_list_takes_its_filter_along(world, admin_client, page):
    name, query = LISTS[page]
    shown = admin_client.get(f"/admin/{page}/?{query}&p=1").content.decode()
    assert f'href="/admin/{page}/export/?{query}"' in shown
    url = f"/admin/{page}/export/?{query}"
    assert admin_client.get(url).status_code == 200
    rows = lines(admin_client.post(url, {"format": "csv"}))
    assert len(rows) == 1
    there = admin_client.post(url, {"format": "job:xlsx"})
    job = ExportJob.objects.get(table=name, form="xlsx")
    assert there["Location"] == f"/admin/registry/exportjob/{job.pk}/change/"
    waiting = admin_client.get(there["Location"]).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    work()
    job.refresh_from_db()
    assert (job.state, job.rows) == ("done", 1)
    done = admin_client.get(there["Location"]).content.decode()
    assert f"/admin/registry/exportjob/{job.pk}/file/" in done
    assert "every 2s" not in done
    assert zipfile.is_zipfile(io.BytesIO(body(admin_client.get(f"/admin/registry/exportjob/{job.pk}/file/"))))


def test_every_table_tells_its_columns(world, admin_client):
    for told in admin_client.get("/api/exports").json():
        answer = admin_client.get(f"/api/exports/{told['name']}.jsonl")
        first = json.loads(body(answer).decode().splitlines()[0])
        assert list(first) == told["columns"] == list(TABLES[told["name"]].columns)
