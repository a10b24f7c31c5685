"""The broker in a folder: kombu's own, with messages that appear whole.

Kombu writes a message into the file that a reader may already take: an empty one ends the worker.
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes beside the queue and moves into it."""

    # kombu names the argument differently in its two classes above this one.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Put `payload` onto `queue` in one step that a reader either sees or does not."""
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        half = folder / f".{name}.half"
        half.write_text(dumps(payload), encoding="utf-8")
        os.replace(half, folder / name)


class Transport(filesystem.Transport):
    """The transport behind `filesystem://`."""

    Channel = Channel
