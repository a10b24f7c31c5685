"""The monitor's course: enrol at the Registry, announce at Central, then watch the engine and report."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import httpx2

from central.monitor.central_client import CentralClient
from central.monitor.config import MonitorConfig
from central.monitor.enrolment import UNAUTHORIZED, Enrolment, Identity
from central.monitor.http import Denied, Unreachable, http_client
from central.monitor.registry_client import RegistryClient

log = logging.getLogger(__name__)

TRIES = 10
FIRST_WAIT, GROWTH, LONGEST_WAIT = 2.0, 1.5, 10.0
REGISTRY_SECONDS, CENTRAL_SECONDS, ENGINE_SECONDS = 10.0, 5.0, 3.0
LONGEST_REASON = 200


class GaveUp(Exception):
    """Enrolment failed for good; the log says why."""


class Monitor:
    """One charge point's monitor; `run` ends when `stop` is set; raises GaveUp or CredentialsUnreadable."""

    def __init__(self, config: MonitorConfig, stop: threading.Event, clock: Callable[[], datetime]) -> None:
        self._config, self._stop = config, stop
        registry = http_client(config.ca_file, REGISTRY_SECONDS)
        central = http_client(config.ca_file, CENTRAL_SECONDS)
        metadata = {"cp_e_host": config.engine_host, "cp_e_port": config.engine_port}
        self._enrolment = Enrolment(
            Identity(config.cp_id, config.location, metadata, config.enrolment_token),
            RegistryClient(config.registry_url, registry),
            config.credentials_file,
            clock,
        )
        self._central = CentralClient(config.central_url, central)
        self._engine = httpx2.Client(timeout=ENGINE_SECONDS, trust_env=False)
        self._reported: str | None = None

    def run(self) -> None:
        """Enrol, announce, watch until told to stop."""
        cp_id = self._config.cp_id
        log.info("Starting CP Monitor for %s", cp_id)
        if self._config.registry_enabled:
            self._with_patience(self._enrolment.ensure, f"register {cp_id} with EV_Registry")
        self._with_patience(self._announce, f"register CP {cp_id} with Central")
        if not self._stop.is_set():
            log.info("CP Monitor %s started successfully", cp_id)
        while not self._stop.is_set():
            self.look()
            self._stop.wait(self._config.health_interval)

    def look(self) -> None:
        """Check the engine once and report to Central where its state is another than Central knows."""
        fault = self._fault_of_engine()
        if fault == self._reported:
            return
        if bool(fault) != bool(self._reported) or self._reported is None:
            log.log(
                logging.WARNING if fault else logging.INFO,
                "Engine of %s: %s",
                self._config.cp_id,
                fault or "healthy",
            )
        try:
            self._central.report(self._config.cp_id, fault, self._token())
        except (Denied, Unreachable) as error:
            self._forget_token(error)
            log.warning("Report on %s not delivered: %s", self._config.cp_id, error)
            return
        self._reported = fault

    # --- Central ----------------------------------------------------------------------------------

    def _announce(self) -> None:
        config = self._config
        try:
            self._central.register(config.cp_id, config.engine_host, config.engine_port, self._token())
        except Denied as error:
            self._forget_token(error)
            raise
        log.info("CP %s registered with Central successfully", config.cp_id)

    def _token(self) -> str:
        """A token that is good for a while; without the Registry there is none."""
        return self._enrolment.ensure().token if self._config.registry_enabled else ""

    def _forget_token(self, error: Exception) -> None:
        if isinstance(error, Denied) and error.status == UNAUTHORIZED:
            self._enrolment.forget_token()

    # --- helpers ----------------------------------------------------------------------------------

    def _with_patience(self, step: Callable[[], object], what: str) -> None:
        wait = FIRST_WAIT
        for attempt in range(1, TRIES + 1):
            if self._stop.is_set():
                return
            try:
                step()
            except (Denied, Unreachable) as error:
                log.warning("Failed to %s (attempt %s/%s): %s", what, attempt, TRIES, error)
            else:
                return
            if attempt < TRIES:
                self._stop.wait(wait)
                wait = min(wait * GROWTH, LONGEST_WAIT)
        log.error("Failed to %s after %s attempts", what, TRIES)
        raise GaveUp(f"Failed to {what} after {TRIES} attempts.")

    def _fault_of_engine(self) -> str:
        """Why the engine is not well, in words; empty while it is."""
        try:
            answer = self._engine.get(self._config.engine_url)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return f"engine unreachable: {type(error).__name__}"
        if answer.status_code == httpx2.codes.OK:
            return ""
        return f"engine reports {answer.status_code}"[:LONGEST_REASON]
