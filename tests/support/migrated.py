"""A migrated SQLite file that tests copy instead of migrating anew: one for each state of the migrations."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.wait import FACTOR

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("*/migrations/*.py", "emobility/lib/fields.py", "emobility/lib/migrations.py", "requirements.txt")
KEPT = 12
"""Files that stay for branches that have other migrations."""
SHELF = Path(tempfile.gettempdir()) / f"emobility-migrated-{os.getuid()}"


def copy_migrated(target: Path) -> None:
    """Put a migrated database at `target`."""
    shutil.copyfile(migrated(), target)


def migrated() -> Path:
    """The file, made where it is not there yet."""
    SHELF.mkdir(mode=0o700, exist_ok=True)
    if SHELF.stat().st_uid != os.getuid():
        raise PermissionError(f"{SHELF} belongs to somebody else")
    ready = SHELF / f"{_state()}.sqlite3"
    with (SHELF / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _make(ready)
    return ready


def _state() -> str:
    """What the file depends on: another migration or library makes another file."""
    state = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            state.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()[:32]


def _make(ready: Path) -> None:
    for old in sorted(SHELF.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[: -KEPT + 1]:
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="migrate-") as folder:
        made = Path(folder) / "made.sqlite3"
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "DEBUG": "true",
            "HOST": "127.0.0.1",
            "VAR_DIR": folder,
            "DATABASE_URL": f"sqlite:///{made}",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=180 * FACTOR)
        shutil.move(made, ready)
