"""Addresses with passwords in orders to many: never kept in clear, gone when all is ordered (T7)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from central.models import BulkCommand, ChargePointStatus, Command
from central.ocpp.bulk_orders import bulk_order_plan, bulk_orders_run
from central.services.command_bulks import bulk_confirm, bulk_params
from central.services.transfers import location_of
from registry.models import AuditEntry
from tests.support.handlers import NOW, charge_point_create
from tests.support.registry import person

SECRET = "ftp://user:canary@files.example/logs"


def kept(bulk):
    """What the database has of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT params, asked FROM central_bulkcommand WHERE id = %s", [bulk.pk])
        return str(cursor.fetchone())


@pytest.fixture
def operator(organization):
    return person(organization, "operator")


@pytest.fixture
def plan(organization, operator):
    """Two charge points of 2.1, one of them ordered from."""
    for cp_id in "CD":
        point = charge_point_create(organization, cp_id)
        ChargePointStatus.objects.create(charge_point=point, ocpp_version="2.1")

    def make(order, params, name):
        return bulk_order_plan(
            requested_by=operator,
            order=order,
            params=params,
            selection={"charge_points": [name]},
            now=NOW,
        )

    return make


def test_an_address_with_a_password_is_kept_sealed_until_all_is_ordered(plan, operator):
    bulk = plan("log_get", {"log": "DiagnosticsLog", "location": SECRET}, "C")
    assert bulk.params["location"] == "ftp://user:***@files.example/logs"
    assert "canary" not in kept(bulk)
    bulk_confirm(bulk=bulk, requested_by=operator, now=NOW)
    bulk_orders_run(now=NOW)
    command = Command.objects.get()
    assert location_of(command.params) == SECRET
    assert "canary" not in str(command.params)
    bulk.refresh_from_db()
    assert (bulk.state, bulk.asked) == ("done", "")
    assert not AuditEntry.objects.filter(after__icontains="canary").exists()


def test_what_was_planned_before_is_sealed_by_the_migration(plan):
    open_, over = (plan("clear_cache", {}, name) for name in "CD")
    BulkCommand.objects.update(params={"location": SECRET})
    BulkCommand.objects.filter(pk=over.pk).update(state="done")
    import_module("central.migrations.0021_bulk_secrets_sealed").seal(apps, None)
    for bulk in (open_, over):
        assert "canary" not in kept(bulk)
        bulk.refresh_from_db()
    assert (bulk_params(open_)["location"], over.asked) == (SECRET, "")
