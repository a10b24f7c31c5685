"""Files that come from outside: taken in parts onto the disk, counted, with their checksums."""

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Protocol

from django.core.files import File
from django.utils.translation import gettext as _

from emobility.lib.errors import DomainError, Invalid

PART: Final = 256 * 1024
TOKEN_BYTES: Final = 32


class TooLarge(DomainError):
    """A file is larger than it may be."""

    code = "too_large"
    status = 413


class Readable(Protocol):
    """What a file is read from."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that has come whole: a temporary file at its beginning, its size and checksums."""

    file: Any
    size: int
    sha256: str
    md5: str


@contextmanager
def taken(source: Readable, *, limit: int) -> Iterator[Taken]:
    """The file while the block runs; then what was saved is left. Raises TooLarge; Invalid where empty."""
    with tempfile.TemporaryFile(prefix="taken-") as kept:
        size, sha256, md5 = _copy(source, kept, limit)
        if not size:
            raise Invalid(_("The file is empty."), {"file": _("The file is empty.")})
        kept.seek(0)
        whole: Any = File(kept)
        yield Taken(whole, size, sha256, md5)


def _copy(source: Readable, kept: BinaryIO | Any, limit: int) -> tuple[int, str, str]:
    size = 0
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    while part := source.read(PART):
        size += len(part)
        if size > limit:
            fault = _("The file is larger than {most} MiB.").format(most=limit // 1024 // 1024)
            raise TooLarge(fault, {"file": fault})
        sha256.update(part)
        md5.update(part)
        kept.write(part)
    return size, sha256.hexdigest(), md5.hexdigest()


def token_make() -> tuple[str, str]:
    """A token that nobody guesses, for an address, and the digest by which it is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, token_digest(token)


def token_digest(token: str) -> str:
    """Random secrets of 256 bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
