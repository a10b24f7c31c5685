"""Periodic work of central: what no charge point will ever report is found by looking."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings

from central.ocpp.bulk_orders import bulk_orders_run
from central.ocpp.tariff_keeping import tariffs_keep
from central.services.budget_stops import budgets_enforce
from central.services.charge_point_tariffs import tariffs_sweep
from central.services.charging_sweep import charging_sweep
from central.services.command_delivery import commands_sweep
from central.services.command_secrets import secrets_drop
from central.services.configuration_rounds import rounds_catch_up
from central.services.customer_information import customer_information_sweep
from central.services.der_reports import der_reports_sweep
from central.services.device_events import device_events_drop_old
from central.services.device_reports import reports_give_up
from central.services.display_messages import display_messages_sweep
from central.services.event_streams import event_stream_values_drop_old
from central.services.firmware_images import firmware_files_drop_old
from central.services.history import (
    messages_drop_old,
    meter_values_drop_old,
    others_drop_old,
    partitions_prepare,
)
from central.services.issued_certificates import certificates_sweep
from central.services.jobs import jobs_undelivered
from central.services.local_list_sync import local_lists_sync
from central.services.log_uploads import log_files_drop_old
from central.services.password_rotations import rotations_sweep
from central.services.reservation_ends import reservations_sweep
from central.services.silence import connections_end_silent
from central.services.transactions import transactions_end_incomplete
from central.services.undelivered import undelivered_mark
from emobility.lib.clock import utc_now


@shared_task(name="central.sweep_commands")
def sweep_commands() -> int:
    """Expire orders whose time is up; give up those whose process died."""
    return commands_sweep(now=utc_now())


@shared_task(name="central.run_bulk_commands")
def run_bulk_commands() -> int:
    """Place the portions of bulk commands that are due."""
    return bulk_orders_run(now=utc_now())


@shared_task(name="central.sweep_transactions")
def sweep_transactions() -> int:
    """End 2.x sessions whose missing events will not come any more."""
    return transactions_end_incomplete(now=utc_now())


@shared_task(name="central.sweep_connections")
def sweep_connections() -> int:
    """Show charge points as offline that have been silent for too long."""
    return connections_end_silent(now=utc_now())


@shared_task(name="central.enforce_budgets")
def enforce_budgets() -> int:
    """Stop sessions of groups whose budget is used up."""
    return budgets_enforce(now=utc_now())


@shared_task(name="central.sweep_reservations")
def sweep_reservations() -> int:
    """End reservations whose time is up; find uses that nobody told."""
    return reservations_sweep(now=utc_now())


@shared_task(name="central.sweep_undelivered")
def sweep_undelivered() -> int:
    """Mark what waits for an order that never arrived; give up silent reports; let tariffs' times pass."""
    now = utc_now()
    return undelivered_mark(now=now) + der_reports_sweep(now=now) + tariffs_sweep(now=now)


@shared_task(name="central.keep_tariffs")
def keep_tariffs() -> int:
    """Have charge points that calculate follow the tariffs in force."""
    return tariffs_keep(now=utc_now())


@shared_task(name="central.sweep_jobs")
def sweep_jobs() -> int:
    """Settle jobs and messages whose order ended without an answer; note which texts are over."""
    return jobs_undelivered(now=utc_now()) + display_messages_sweep(now=utc_now())


@shared_task(name="central.sweep_customer_information")
def sweep_customer_information() -> int:
    """Give up reports about drivers that do not go on; delete those whose day has come."""
    return customer_information_sweep(now=utc_now())


@shared_task(name="central.prepare_partitions")
def prepare_partitions() -> int:
    """Make tomorrow's partitions before anybody needs them."""
    return partitions_prepare(now=utc_now())


@shared_task(name="central.drop_old_history")
def drop_old_history() -> int:
    """Drop messages, meter values and other histories that are older than they are to be kept."""
    now = utc_now()
    messages = messages_drop_old(now=now, keep_days=settings.OCPP_MESSAGES_KEEP_DAYS)
    values = meter_values_drop_old(now=now, keep_days=settings.OCPP_METER_VALUES_KEEP_DAYS)
    others = others_drop_old(
        now=now,
        security_events=settings.OCPP_SECURITY_EVENTS_KEEP_DAYS,
        status_changes=settings.OCPP_STATUS_CHANGES_KEEP_DAYS,
        data_transfers=settings.OCPP_DATA_TRANSFERS_KEEP_DAYS,
        signing_requests=settings.OCPP_SIGNING_REQUESTS_KEEP_DAYS,
        device_reports=settings.OCPP_DEVICE_EVENTS_KEEP_DAYS,
    )
    return messages + values + others


@shared_task(name="central.drop_old_files")
def drop_old_files() -> int:
    """Remove logs and firmware images whose time is over; their rows say so."""
    now = utc_now()
    logs = log_files_drop_old(now=now, keep_days=settings.FILES_LOG_KEEP_DAYS)
    return logs + firmware_files_drop_old(now=now)


@shared_task(name="central.sweep_certificates")
def sweep_certificates() -> int:
    """Expire certificates, mark those due for renewal and ask for it where that is switched on."""
    return certificates_sweep(now=utc_now())


@shared_task(name="central.sync_local_lists")
def sync_local_lists() -> int:
    """Order what local lists need that are kept in step."""
    return local_lists_sync(now=utc_now())


@shared_task(name="central.sweep_charging")
def sweep_charging() -> int:
    """End charging profiles of ended sessions; give up reports that stopped."""
    return charging_sweep(now=utc_now())


@shared_task(name="central.sweep_rotations")
def sweep_rotations() -> int:
    """Settle new passwords that never left, or were proved elsewhere."""
    return rotations_sweep(now=utc_now())


@shared_task(name="central.sweep_device_model")
def sweep_device_model() -> int:
    """Give up reports that fell silent; drop events and streamed values that are older than wanted."""
    now = utc_now()
    given_up = reports_give_up(now=now, after=timedelta(seconds=settings.OCPP_REPORT_TIMEOUT))
    events = device_events_drop_old(now=now, keep_days=settings.OCPP_DEVICE_EVENTS_KEEP_DAYS)
    values = event_stream_values_drop_old(now=now, keep_days=settings.OCPP_EVENT_STREAMS_KEEP_DAYS)
    return given_up + events + values + secrets_drop()


@shared_task(name="central.sweep_configuration")
def sweep_configuration() -> int:
    """Look after charge points whose start nobody heard of, where a profile asks for it."""
    return rounds_catch_up(now=utc_now())


def _every(seconds: int, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


SCHEDULE = {
    "orders whose time is up": _every(10, "central.sweep_commands"),
    "portions of bulk commands": _every(5, "central.run_bulk_commands"),
    "transactions with gaps": _every(300, "central.sweep_transactions"),
    "charging profiles": _every(60, "central.sweep_charging"),
    "budgets of groups": _every(10, "central.enforce_budgets"),
    "reservations": _every(30, "central.sweep_reservations"),
    "certificates that end": _every(600, "central.sweep_certificates"),
    "local lists": _every(10, "central.sync_local_lists"),
    "jobs without an answer": _every(60, "central.sweep_jobs"),
    "tariffs at charge points": _every(60, "central.keep_tariffs"),
    "new passwords": _every(60, "central.sweep_rotations"),
    "customer information": _every(300, "central.sweep_customer_information"),
    "silent connections": _every(30, "central.sweep_connections"),
    "orders that never arrived": _every(30, "central.sweep_undelivered"),
    "partitions ahead": _every(1800, "central.prepare_partitions"),
    "configuration profiles": _every(60, "central.sweep_configuration"),
    "device model": _every(60, "central.sweep_device_model"),
    "history that is too old": _every(3600, "central.drop_old_history"),
    "files that are too old": _every(86_400, "central.drop_old_files"),
}
