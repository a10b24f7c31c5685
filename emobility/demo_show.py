"""Runs the demo beside the server: registers the eMSP, starts the fleet, tells what happens."""

import subprocess
import sys
import threading
import time
from typing import Any

import httpx2
import structlog
from django.conf import settings
from django.core.management.base import OutputWrapper
from django.db import connection

from billing.models import Cdr
from central.models import Session
from central.models.session import SessionState
from emobility.demo import DEMO_CHARGE_POINTS, EMSP_SLUG, SITE_NAME
from emobility.lib.clock import utc_now
from emobility.lib.money import Money
from ocpi.models import Partner, ReceivedCdr
from ocpi.services.bootstrap_tokens import bootstrap_token_issue
from ocpi.services.handshake import partner_register
from registry.models import ChargePoint, Organization, Site

log = structlog.get_logger(__name__)

STORY_LINES = 12


class DemoShow:
    """The demo's background thread and child process."""

    def __init__(self, out: OutputWrapper, *, with_fleet: bool) -> None:
        self._out = out
        self._with_fleet = with_fleet
        self._stop = threading.Event()
        self._fleet: subprocess.Popen[bytes] | None = None
        self._told: set[tuple[str, int]] = set()
        self._began = utc_now()
        self._since = time.monotonic()

    def start(self) -> None:
        """Begin once the server listens."""
        threading.Thread(target=self._run, name="demo", daemon=True).start()

    def stop(self) -> None:
        """End the fleet with the server."""
        self._stop.set()
        if self._fleet is not None and self._fleet.poll() is None:
            self._fleet.terminate()
            try:
                self._fleet.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._fleet.kill()

    def _run(self) -> None:
        if not self._wait_for_server():
            return
        if self._with_fleet:
            self._fleet = subprocess.Popen(fleet_command())  # noqa: S603 -- our own command
        try:
            register_emsp()
        except Exception:
            log.exception("demo.registration_failed")
            self._say("The demo eMSP could not be registered; see the log.")
        while not self._stop.wait(1.0):
            self._look()
            connection.close()

    def _wait_for_server(self) -> bool:
        while not self._stop.wait(0.2):
            try:
                if httpx2.get(f"{central_url()}/api/health", timeout=5, verify=False).is_success:
                    return True
            except httpx2.HTTPError:
                continue
        return False

    def _look(self) -> None:
        place_charge_points()
        for session in Session.objects.filter(start_received_at__gte=self._began).select_related(
            "charge_point"
        )[:20]:
            self._tell("start", session.pk, f"{session.charge_point} began to charge for {session.id_tag}")
            if session.state == SessionState.ENDED:
                self._tell(
                    "end", session.pk, f"{session.charge_point} ended: {session.energy_wh / 1000:.3f} kWh"
                )
        for cdr in Cdr.objects.filter(created_at__gte=self._began).select_related("session__charge_point")[
            :20
        ]:
            total = Money(cdr.total_cost_incl, cdr.currency).rounded()
            self._tell("cdr", cdr.pk, f"{cdr.session.charge_point} priced: {total} incl. VAT")
        for received in ReceivedCdr.objects.filter(received_at__gte=self._began).select_related(
            "organization"
        )[:20]:
            self._tell("partner", received.pk, f"{received.organization} received the CDR over OCPI")

    def _tell(self, kind: str, key: int, text: str) -> None:
        if (kind, key) in self._told:
            return
        self._told.add((kind, key))
        if len(self._told) <= STORY_LINES:
            self._say(text)
        if len(self._told) == STORY_LINES:
            self._say("The demo goes on; the admin shows it live. Ctrl-C ends everything.")

    def _say(self, text: str) -> None:
        self._out.write(f"  {time.monotonic() - self._since:4.0f} s  {text}")


def central_url() -> str:
    """Central as this machine reaches it."""
    return f"{'https' if settings.SSL_CERTFILE else 'http'}://{settings.HOST}:{settings.PORT}"


def registry_url() -> str:
    """The Registry as this machine reaches it."""
    scheme = "https" if settings.REGISTRY_TLS_ENABLED else "http"
    return f"{scheme}://{settings.HOST}:{settings.REGISTRY_API_PORT}"


def fleet_command() -> list[str]:
    """How the fleet's process is started."""
    socket = central_url().replace("http", "ws", 1)
    manage = str(settings.BASE_DIR / "manage.py")
    return [
        sys.executable,
        manage,
        "run_demo_fleet",
        f"--registry-url={registry_url()}",
        f"--central-url={socket}",
    ]


def place_charge_points() -> None:
    """Put the demo's charge points on the demo's site once they have enrolled."""
    site = Site.objects.filter(name=SITE_NAME).first()
    ids = [item.cp_id for item in DEMO_CHARGE_POINTS]
    if site is not None:
        ChargePoint.objects.filter(cp_id__in=ids, site=None, organization=site.organization).update(site=site)


def register_emsp() -> None:
    """Register the demo eMSP with the charging company over real HTTP, once (OCPI 2.2.1 §7.1)."""
    company, emsp = Organization.objects.default(), Organization.objects.get(slug=EMSP_SLUG)
    if company is None or _registered(emsp, company):
        return
    moment = utc_now()
    _, token_a = bootstrap_token_issue(
        organization=company, label=emsp.name, hours=1, created_by=None, now=moment
    )
    arguments: dict[str, Any] = {"organization": emsp, "token_a": token_a, "now": moment}
    partner_register(versions_url=f"{settings.OCPI_BASE_URL}/ocpi/versions", **arguments)


def _registered(emsp: Organization, company: Organization) -> bool:
    known = Partner.objects.filter(organization=emsp, party_id=company.party_id)
    return known.filter(registered_at__isnull=False).exists()
