"""`python -m benchmarks.rest`: lists of REST out of a million sessions, beside a request without any work."""

import argparse
import json
import sys
from typing import Any

import psycopg

from benchmarks.database import fresh_database
from benchmarks.measure import Result, measure
from benchmarks.run import HEAD, line_of, redis_url, say
from benchmarks.servers import Platform

POINTS = 1000
GOAL_MS = 50.0
MOST_STATEMENTS = 6
SPAN = "charge_point=REST-0500&from=2025-03-01T00:00:00Z&to=2025-09-01T00:00:00Z&limit=100"
LISTS = {
    "100 of a charge point": f"/api/sessions/?{SPAN}",
    "the same by start": f"/api/sessions/?{SPAN}&ordering=-started_at",
    "of the requirement": f"/api/chargers/REST-0500/sessions?{SPAN.partition('&')[2]}",
    "100 newest of all": "/api/sessions/?limit=100",
}
SEED = """
INSERT INTO registry_chargepoint (organization_id, cp_id, location, status, metadata, credential_hash,
    pending_credential_hash, token_version, certificate_pem, security_profile, registered_at, created_at,
    updated_at)
SELECT %(own)s, 'REST-' || to_char(n, 'FM0000'), '', 'REGISTERED', '{}', '', '', 1, '', 0, '2024-01-01',
    now(), now()
FROM generate_series(0, %(points)s - 1) n;
INSERT INTO central_session (uid, organization_id, charge_point_id, evse_number, connector_number,
    ocpp_version, transaction_id, start_key, state, charging_state, id_tag, id_tag_type,
    authorization_status, authorization_reference, started_at, start_received_at, ended_at, end_received_at,
    meter_start_wh, meter_last_wh, meter_last_at, meter_stop_wh, energy_wh, stop_reason, stop_id_tag,
    provisional_end, needs_review, review_reasons, flags, updated_at)
SELECT gen_random_uuid(), %(own)s, point.id, 1, 1, '1.6', 't' || n, 's' || n, 'ended', '', 'TAG', '',
    'Accepted', '', at, at, at + interval '1 hour', at + interval '1 hour', 0, 12000, at + interval '1 hour',
    12000, 12000, 'Local', '', false, false, '[]', '[]', at
FROM generate_series(0, %(sessions)s / %(points)s - 1) n
CROSS JOIN (SELECT id FROM registry_chargepoint WHERE cp_id LIKE 'REST-%%') point
CROSS JOIN LATERAL (SELECT timestamptz '2024-01-01' + n * interval '17 hours 31 minutes' AS at) time;
"""
WHO = """
import json
from rest_framework_simplejwt.tokens import RefreshToken
from registry.api.access_tokens import access_for
from registry.models import User
from registry.services.organizations import organization_default
from django.utils.timezone import now
own = organization_default(now())
person = User.objects.create(username="rest", organization=own, role="operator")
print(json.dumps({"own": own.pk, "token": access_for(person, RefreshToken.for_user(person))["access"]}))
"""
COUNT = """
import json, sys
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(headers={"authorization": "Bearer %s", "host": "127.0.0.1"})
found = {}
for name, path in json.loads('%s').items():
    client.get(path, secure=True)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, secure=True)
    found[name] = [answer.status_code, len(answer.json()["results"]), len(asked.captured_queries)]
print(json.dumps(found))
"""


def options() -> argparse.Namespace:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description="Lists of REST on PostgreSQL.")
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=1, help="HTTP connections that ask at once")
    parser.add_argument("--seconds", type=float, default=6.0, help="measured time of each list")
    parser.add_argument("--warmup", type=float, default=2.0)
    return parser.parse_args()


def shell(server: Platform, code: str) -> Any:
    """What a piece of code prints as JSON in the server's environment."""
    out = server.run("manage.py", "shell", "--no-imports", "--verbosity=0", "--command", code)
    return json.loads(out.splitlines()[-1])


def seed(url: str, own: int, sessions: int) -> None:
    """Charge points and their sessions, made by the database itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(SEED, {"own": own, "points": POINTS, "sessions": sessions})
        cursor.execute("VACUUM ANALYZE central_session")
        cursor.execute("ANALYZE registry_chargepoint")


def ask(server: Platform, args: argparse.Namespace, token: str) -> dict[str, Result]:
    """Each list for some seconds, and the request that does nothing."""
    headers = {"Authorization": f"Bearer {token}"}
    job = {"kind": "http", "workers": args.workers, "seconds": args.seconds, "warmup": args.warmup}
    found = {}
    for name, path in {"no-op request": "/api/health", **LISTS}.items():
        found[name] = measure(name, server, job | {"url": f"{server.http_url}{path}", "headers": headers})
        say(line_of(found[name]))
    return found


def main() -> int:
    """Run and print; 0 where every list answered, with at most so many statements."""
    args = options()
    say(HEAD)
    try:
        with fresh_database() as url:
            server = Platform(url, redis_url(), args.server)
            server.run("manage.py", "migrate", "--verbosity=0")
            who = shell(server, WHO)
            seed(url, who["own"], args.sessions)
            counts = shell(server, COUNT % (who["token"], json.dumps(LISTS)))
            with server:
                found = ask(server, args, who["token"])
    except psycopg.OperationalError as error:
        say(f"PostgreSQL is needed (BENCH_DATABASE_URL): {str(error).splitlines()[0]}")
        return 1
    met = [told(name, found[name], *counts[name]) for name in LISTS]
    return int(not all(met))


def told(name: str, result: Result, status: int, rows: int, statements: int) -> bool:
    """Print how a list compares with its goals; whether it answered within its statements."""
    verdict = "goal met" if result.p95_ms <= GOAL_MS else "GOAL MISSED"
    say(
        f"{name:<22} {rows} rows, {statements} statements (goal {MOST_STATEMENTS}), "
        f"p95 {result.p95_ms:.1f} ms (goal {GOAL_MS:.0f}): {verdict}"
    )
    return status == 200 and rows == 100 and not result.errors and statements <= MOST_STATEMENTS


if __name__ == "__main__":
    sys.exit(main())
