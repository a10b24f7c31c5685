"""What the benchmark compares with: a bare WebSocket server that routes through the `ocpp` package.

python -m central.ocpp.simulator.reference --port 9000
"""

import argparse
import asyncio
import itertools
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from ocpp.v16 import ChargePoint, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from central.ocpp.simulator.wire import order

_transaction_ids = itertools.count(1)


class ReferenceChargePoint(ChargePoint):  # type: ignore[misc]
    """Answers at once and keeps nothing."""

    @order("BootNotification")
    def on_boot(self, **_: Any) -> Any:
        """Accepted."""
        return call_result.BootNotification(datetime.now(UTC).isoformat(), 300, "Accepted")

    @order("Heartbeat")
    def on_heartbeat(self, **_: Any) -> Any:
        """The time."""
        return call_result.Heartbeat(datetime.now(UTC).isoformat())

    @order("StatusNotification")
    def on_status(self, **_: Any) -> Any:
        """Taken."""
        return call_result.StatusNotification()

    @order("Authorize")
    def on_authorize_reference(self, **_: Any) -> Any:
        """Accepted."""
        return call_result.Authorize({"status": "Accepted"})

    @order("StartTransaction")
    def on_start(self, **_: Any) -> Any:
        """The next number."""
        return call_result.StartTransaction(next(_transaction_ids), {"status": "Accepted"})

    @order("MeterValues")
    def on_meter_values(self, **_: Any) -> Any:
        """Taken."""
        return call_result.MeterValues()

    @order("StopTransaction")
    def on_stop(self, **_: Any) -> Any:
        """Accepted."""
        return call_result.StopTransaction({"status": "Accepted"})


async def handle(socket: ServerConnection) -> None:
    """One connection, served by the package's own loop."""
    with suppress(ConnectionClosed):
        await ReferenceChargePoint("reference", socket).start()


async def main(port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    protocols = [Subprotocol("ocpp1.6")]
    async with serve(
        handle, "127.0.0.1", port, subprotocols=protocols, compression=None, ping_interval=None, backlog=2048
    ):
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(main(parser.parse_args().port))
