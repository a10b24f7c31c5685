"""The broker in a folder: a message is there whole or not at all."""

from pathlib import Path
from threading import Event, Thread

from kombu import Connection

from emobility.celery import app
from emobility.embedded_broker import Transport
from emobility.messaging import broker_options

MESSAGES = 300


def connection(folder: Path) -> Connection:
    """A connection of its own to the broker in `folder`."""
    options = broker_options("filesystem://localhost/", "test", folder)
    return Connection("filesystem://localhost/", transport_options=options)


def test_the_platform_uses_its_own_transport(tmp_path: Path) -> None:
    """`filesystem://` means ours once Celery is set up."""
    assert app.main == "emobility"
    with connection(tmp_path) as opened:
        assert isinstance(opened.transport, Transport)


def test_reader_never_meets_half_a_message(tmp_path: Path) -> None:
    """A reader as fast as it can be, beside a writer: every message arrives once, nothing breaks."""
    written = Event()

    def write() -> None:
        with connection(tmp_path) as opened, opened.SimpleQueue("work") as queue:
            for number in range(MESSAGES):
                queue.put({"number": number, "text": "x" * 2000})
        written.set()

    writer = Thread(target=write)
    read: list[int] = []
    with connection(tmp_path) as opened, opened.SimpleQueue("work") as queue:
        writer.start()
        while len(read) < MESSAGES:
            try:
                message = queue.get_nowait()
            except queue.Empty:
                assert not written.is_set() or len(list((tmp_path / "queue").glob("*.msg")))
                continue
            read.append(message.payload["number"])
            message.ack()
    writer.join()
    assert sorted(read) == list(range(MESSAGES))
