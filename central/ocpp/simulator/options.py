"""What a simulated charge point is and does: its options, without any behaviour."""

from dataclasses import dataclass

VERSIONS = ("1.6", "2.0.1", "2.1")
FOREVER = -1


@dataclass(frozen=True, slots=True)
class Options:
    """One simulated charge point; times in seconds, power in kW per connector.

    `central_url` is the OCPP address without the id. `sessions` counts what it begins by itself on each
    connector: FOREVER, or 0 to wait for remote starts. None is begun while `queue_limit` messages wait to be
    acknowledged: a charge point's memory is finite.
    """

    cp_id: str
    central_url: str
    version: str = "1.6"
    connectors: int = 1
    power_kw: float = 11.0
    id_tag: str = "DEMO-TAG-1"
    sessions: int = FOREVER
    session_seconds: float = 60.0
    meter_interval: float = 10.0
    first_pause: float = 1.0
    pause_seconds: float = 15.0
    answer_timeout: float = 30.0
    retry_minimum: float = 2.0
    retry_random: float = 3.0
    retry_doublings: int = 5
    attempts: int = 5
    attempt_interval: float = 10.0
    queue_limit: int = 500
    ca_file: str = ""
    vendor: str = "E-Mobility"
    model: str = "Simulator"
    firmware: str = "1.0.0"
    boots_on_reconnect: bool = False
