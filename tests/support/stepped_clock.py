"""A server whose wall clock a test moves while it runs (libfaketime); its monotonic clock goes on as ever."""

from pathlib import Path

import pytest

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
needs_faketime = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (Debian: faketime)")


class SteppedClock:
    """The file that says how far the server's clock is from ours; `environment` for its process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.step("+0")

    def step(self, offset: str) -> None:
        """Move the clock: `-2h`, `+1d`, `+0` from ours."""
        self._file.write_text(offset, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What the process is started with."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).parent / "stepped"),
        }
