"""Partners as rows that speak over real HTTP, in the version of their registration or in another."""

from typing import Any

import httpx2

from ocpi.core import auth
from ocpi.core.modules import INTERFACES
from ocpi.models import Partner
from ocpi.selectors.identity import ROLE_SEGMENTS
from registry.models import Party
from tests.ocpi.rows import TOKEN
from tests.support.server import LiveServer

IDS = {"X-Request-ID": "request-1", "X-Correlation-ID": "correlation-1"}


class Speaker:
    """A partner of `rows.partner`; `path` lies below the version: "receiver/sessions/NL/TST/1".

    `segment` is our role in addresses of 2.1.1; without it the one whose module it is.
    """

    def __init__(self, server: LiveServer, row: Partner, version: str = "", segment: str = "") -> None:
        self.server, self.row, self.version = server, row, version or row.version
        self.segment = segment
        self.token = TOKEN + str(row.pk)
        self._http = httpx2.Client(timeout=30, trust_env=False)

    def __enter__(self) -> "Speaker":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """One request; a header that is given as "" is left out."""
        form = auth.form_of(self.version)
        given = IDS | {"Authorization": auth.header(self.token, form)} | (headers or {})
        wanted = {name: value for name, value in given.items() if value}
        return self._http.request(method, self.address(path), headers=wanted, json=body)

    def address(self, path: str) -> str:
        """Where it is asked; 2.1.1 has an address for each of our roles."""
        if path.startswith("http"):
            return path
        role = f"{self.segment or _role_of(path)}/" if self.version == "2.1.1" else ""
        return self.server.http(f"/ocpi/{role}{self.version}/{path}".rstrip("/"))


def also(row: Partner, role: str) -> Partner:
    """The partner with one role more."""
    party = Party.objects.create(
        organization=row.organization, country_code=row.country_code, party_id=row.party_id, role=role
    )
    row.parties.add(party)
    row.roles = [*row.roles, {**row.roles[0], "role": role}]
    row.save()
    return row


def _role_of(path: str) -> str:
    side, _, rest = path.partition("/")
    roles = INTERFACES[rest.partition("/")[0], side.upper()].roles
    return next(segment for segment, role in ROLE_SEGMENTS.items() if role in roles)
