"""Periodic work of central: what no charge point will ever report is found by looking."""

from typing import Any

from celery import shared_task

from central.services.command_delivery import commands_sweep
from central.services.reservation_ends import reservations_sweep
from central.services.silence import connections_end_silent
from central.services.transactions import transactions_end_incomplete
from emobility.lib.clock import utc_now


@shared_task(name="central.sweep_commands")
def sweep_commands() -> int:
    """Expire orders whose time is up; give up those whose process died."""
    return commands_sweep(now=utc_now())


@shared_task(name="central.sweep_transactions")
def sweep_transactions() -> int:
    """End 2.x sessions whose missing events will not come any more."""
    return transactions_end_incomplete(now=utc_now())


@shared_task(name="central.sweep_connections")
def sweep_connections() -> int:
    """Show charge points as offline that have been silent for too long."""
    return connections_end_silent(now=utc_now())


@shared_task(name="central.sweep_reservations")
def sweep_reservations() -> int:
    """End reservations whose time is up; find uses that nobody told."""
    return reservations_sweep(now=utc_now())


def _every(seconds: int, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


SCHEDULE = {
    "orders whose time is up": _every(10, "central.sweep_commands"),
    "transactions with gaps": _every(300, "central.sweep_transactions"),
    "reservations": _every(30, "central.sweep_reservations"),
    "silent connections": _every(30, "central.sweep_connections"),
}
