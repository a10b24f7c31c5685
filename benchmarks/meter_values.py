"""Fills the benchmark's database with meter values; called in the server's environment."""

from datetime import timedelta

from django.db import connection
from django.utils.timezone import now

from registry.models import ChargePoint

SQL = """
INSERT INTO central_metervalue (charge_point_id, evse_number, connector_number, sampled_at, received_at,
    context, register_wh, power_w, current_ma, voltage_mv, state_of_charge, samples, flags)
SELECT %s, 1, 1, %s + n * interval '10 seconds', %s + n * interval '10 seconds', 'Sample.Periodic',
    n * 30, 11000, 16000, 230000, n %% 100, '[]', '[]'
FROM generate_series(1, %s) n
"""


def main(rows: int) -> None:
    """Meter values of one charge point, ten seconds apart, up to now."""
    point = ChargePoint.objects.order_by("pk").values_list("pk", flat=True)[0]
    start = now() - timedelta(seconds=10 * rows)
    with connection.cursor() as cursor:
        cursor.execute(SQL, [point, start, start, rows])
        cursor.execute("ANALYZE central_metervalue")
