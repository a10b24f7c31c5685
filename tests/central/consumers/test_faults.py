"""The fault table and a fuzz over a real socket: the answer of each version, and life goes on (T11)."""

import json
import os
import random
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from central.ocpp.catalog import VERSIONS
from tests.central.ocpp.faults import FAULTS
from tests.central.ocpp.mutations import mutations
from tests.support import messages

FUZZ_FRAMES = int(os.environ.get("FUZZ_FRAMES", "200"))
"""Frames of each version and seed; RELIABILITY T11 asks for 10,000."""

pytestmark = pytest.mark.integration


def answer_to(charger, raw, marker):
    """What came for a frame before the answer to a Heartbeat that was sent after it."""
    charger.send_raw(raw)
    charger.send_raw([2, marker, "Heartbeat", {}])
    return until(charger, marker)


def until(charger, marker):
    """The frames before the answer to the Heartbeat with the id `marker`."""
    frames: list = []
    while True:
        frame = charger.recv_raw()
        if frame[1] == marker:
            assert frame[0] == 3
            return frames
        frames.append(frame)


@pytest.mark.parametrize("version", VERSIONS)
def test_fault_table(enrolled, version):
    """Each row of the table, one after the other on one socket, which outlives them all."""
    with enrolled.plug_in(version) as charger:
        charger.boot()
        for number, row in enumerate(FAULTS):
            frames = answer_to(charger, row.frame(version), f"after{number}")
            expected = [] if row.codes[version] is None else [[4, row.message_id, row.codes[version]]]
            assert [frame[:3] for frame in frames] == expected, row.name


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b'[2,"1","Heartbeat",{}]\xff'])
def test_bad_utf_8_ends_that_socket_only(enrolled, enrol, raw):
    """RFC 6455 §8.1: a text frame that is not UTF-8 ends its connection."""
    with enrol("CP-2").plug_in() as neighbour, enrolled.plug_in() as charger:
        neighbour.boot()
        charger.boot()
        with suppress(ConnectionClosed):
            charger.send_raw(raw)
        assert charger.wait_closed() == 1007
        assert neighbour.heartbeat()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("seed", [1, 2])
def test_t11_no_frame_stops_the_service(enrolled, caplog, version, seed):
    """T11: mutated messages and random bytes; no unhandled exception, a Heartbeat is answered after each."""
    valid = [
        json.dumps([2, "m", *frame])
        for frame in (
            messages.boot(version),
            messages.status(version),
            messages.authorize(version, "TAG"),
            messages.meter_values(version, 100),
            messages.Transaction(version, id=1 if version == "1.6" else "T").start(5),
            messages.Transaction(version, id=1 if version == "1.6" else "T").stop(9),
        )
    ]
    frames = list(mutations(valid, random.Random(seed), count=FUZZ_FRAMES))
    with enrolled.plug_in(version) as charger:
        charger.boot()
        for start in range(0, len(frames), 40):
            some = frames[start : start + 40]
            for number, raw in enumerate(some):
                charger.send_raw(raw)
                charger.send_raw([2, f"alive{start + number}", "Heartbeat", {}])
            for number, raw in enumerate(some):
                answers = until(charger, f"alive{start + number}")
                assert len(answers) <= 1, raw[:500]
                assert [answer for answer in answers if "InternalError" in answer] == [], raw[:500]
    assert [
        record for record in caplog.records if record.exc_info and record.name.startswith("central")
    ] == []
