"""`python -m benchmarks.authorize`: operators that ask whether a driver may charge (OCPI 2.2.1 §12.2.2.2).

Ten clients on one process, each in its own rhythm, then as fast as they are answered; beside both a request
without any work.
"""

import argparse
import sys

import psycopg

from benchmarks.database import fresh_database
from benchmarks.measure import measure
from benchmarks.rest import shell
from benchmarks.run import HEAD, line_of, redis_url, say
from benchmarks.servers import Platform

GOAL_MS = 20.0
TOKENS = 10_000
ROUTING = {
    "OCPI-from-country-code": "BE",
    "OCPI-from-party-id": "BEC",
    "OCPI-to-country-code": "DE",
    "OCPI-to-party-id": "EMP",
}
"""As the specification asks for: a message without them is written down as a deviation."""
SEED = f"""
import json
from django.utils.timezone import now
from central.models import IdToken
from ocpi.core import auth
from ocpi.models import Partner
from ocpi.services.partner_rows import token_add
from registry.services.organizations import organization_default
own = organization_default(now())
own.country_code, own.party_id, own.ocpi_roles = "DE", "EMP", ["EMSP"]
own.save()
partner = Partner.objects.create(
    organization=own, country_code="BE", party_id="BEC", version="2.2.1", registered_at=now(),
    roles=[{{"role": "CPO", "country_code": "BE", "party_id": "BEC", "business_details": {{"name": "BEC"}}}}],
    requests_per_minute=2_000_000, last_contact=now(),
)
_, token = token_add(organization=own, partner=partner, now=now())
IdToken.objects.bulk_create(
    IdToken(organization=own, uid=f"CARD-{{n:06d}}", uid_key=f"CARD-{{n:06d}}") for n in range({TOKENS})
)
print(json.dumps({{"header": auth.header(token)}}))
"""


def options() -> argparse.Namespace:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description="Real-time authorisation on PostgreSQL.")
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    parser.add_argument("--workers", type=int, default=10, help="HTTP connections that ask at once")
    parser.add_argument("--rate", type=float, default=20.0, help="questions a second of all together")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--warmup", type=float, default=3.0)
    return parser.parse_args()


def main() -> int:
    """Run and print; 0 where every question was answered within the goal."""
    args = options()
    say(HEAD)
    try:
        with fresh_database() as url:
            server = Platform(url, redis_url(), args.server)
            server.environment()["OCPI_BASE_URL"] = server.http_url
            server.run("manage.py", "migrate", "--verbosity=0")
            header = shell(server, SEED)["header"]
            with server:
                return run(server, args, header)
    except psycopg.OperationalError as error:
        say(f"PostgreSQL is needed (BENCH_DATABASE_URL): {str(error).splitlines()[0]}")
        return 1


def run(server: Platform, args: argparse.Namespace, header: str) -> int:
    """The request without work, then the question: at the rate that is given, and as fast as it goes."""
    headers = {"Authorization": header, "X-Request-ID": "bench", "X-Correlation-ID": "bench"} | ROUTING
    job = {"kind": "http", "workers": args.workers, "seconds": args.seconds, "warmup": args.warmup}
    job |= {"headers": headers}
    plain = {"url": f"{server.http_url}/api/health"}
    url = f"{server.http_url}/ocpi/2.2.1/sender/tokens/CARD-004711/authorize"
    place = {"location_id": "LOC1", "evse_uids": ["EVSE-1"]}
    question = {"url": url, "body": place, "says": '"allowed":"ALLOWED"'}
    rate = {"rate": args.rate}
    for name, more in (("no-op, in turn", plain | rate), ("no-op, flat out", plain)):
        say(line_of(measure(name, server, job | more)))
    found = measure("authorize, in turn", server, job | question | rate)
    say(line_of(found))
    flat_out = measure("authorize, flat out", server, job | question)
    say(line_of(flat_out))
    errors = found.errors + flat_out.errors
    verdict = "goal met" if found.p95_ms <= GOAL_MS and not errors else "GOAL MISSED"
    say(f"authorize, {args.rate:g} a second: p95 {found.p95_ms:.1f} ms (goal {GOAL_MS:.0f}): {verdict}")
    return int(verdict != "goal met")


if __name__ == "__main__":
    sys.exit(main())
