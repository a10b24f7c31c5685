"""The file in which a charge point keeps its secret and its token: for its owner's eyes only."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path


class CredentialsUnreadable(Exception):
    """The file is there but is not one of ours."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the Registry gave to a charge point; the token may be empty, its end is an aware time or None."""

    cp_id: str
    credentials: str
    token: str = ""
    token_expires_at: datetime | None = None

    def has_token(self, now: datetime, margin: timedelta) -> bool:
        """Whether the token is good for at least `margin` longer."""
        return bool(self.token) and self.token_expires_at is not None and now + margin < self.token_expires_at


def parse_time(text: str) -> datetime:
    """An ISO 8601 time with zone; raises ValueError."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if at.tzinfo is None:
        raise ValueError("time without zone")
    return at


def credentials_load(path: Path) -> Credentials | None:
    """Read the file; None where there is none. Raises CredentialsUnreadable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        expires = content.get("token_expires_at")
        return Credentials(
            cp_id=str(content["cp_id"]),
            credentials=str(content["credentials"]),
            token=str(content.get("token") or ""),
            token_expires_at=parse_time(expires) if expires else None,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CredentialsUnreadable(f"{path} cannot be read as credentials.") from error


def credentials_save(path: Path, credentials: Credentials) -> None:
    """Write the file with mode 0600 in one step: a reader sees the old or the new one, never half."""
    content = asdict(credentials)
    content["token_expires_at"] = credentials.token_expires_at and credentials.token_expires_at.isoformat()
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes files of mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
