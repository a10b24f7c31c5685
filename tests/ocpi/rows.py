"""Partners as rows, without a handshake, and requests without a socket: cheap tables of many cases."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import LazySettings
from django.test import Client

from ocpi.core import auth
from ocpi.models import Partner, PartnerEndpoint, PartnerToken
from registry.models import Organization, Party

TOKEN = "token-of-the-partner"
BASE_URL = "https://platform.example"
VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def organization(role: str, **fields: Any) -> Organization:
    """The default organisation in one role: DE-EMP by the settings."""
    values = {"name": "Ours", "slug": "ours", "is_default": True, "ocpi_roles": [role]}
    return Organization.objects.create(**values | fields)


def partner(owner: Organization, role: str, version: str, url: str = "", **fields: Any) -> Partner:
    """NL-TST, registered with a token in and, with `url`, receivers of what operators tell."""
    values = {"country_code": "NL", "party_id": "TST"} | fields
    row = Partner.objects.create(
        organization=owner,
        version=version,
        roles=[{"role": role, "country_code": values["country_code"], "party_id": values["party_id"]}],
        token_out="our-token",
        registered_at=datetime(2026, 1, 1, tzinfo=UTC),
        **values,
    )
    party, _ = Party.objects.get_or_create(
        organization=owner, country_code=row.country_code, party_id=row.party_id, role=role
    )
    row.parties.add(party)
    PartnerToken.objects.create(
        organization=owner, partner=row, digest=auth.digest(TOKEN + str(row.pk)), created_at=NOW
    )
    for module in ("cdrs", "sessions", "locations", "tariffs") if url else ():
        PartnerEndpoint.objects.create(
            partner=row, identifier=module, role="RECEIVER", url=f"{url}/{version}/{module}"
        )
    return row


class Asker:
    """Speaks OCPI as a partner, in the version of its registration."""

    def __init__(self, row: Partner, settings: LazySettings) -> None:
        settings.OCPI_BASE_URL = BASE_URL
        self.row, self.client = row, Client()
        our_role = {"CPO": "emsp", "EMSP": "cpo"}[row.roles[0]["role"]]
        split = f"/{our_role}" if row.version == "2.1.1" else ""
        self.base = f"/ocpi{split}/{row.version}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"X-Request-ID": "request-1", "X-Correlation-ID": "correlation-1"}
        token = TOKEN + str(self.row.pk)
        form = auth.RAW if self.row.version == "2.1.1" else auth.BASE64
        given["Authorization"] = auth.header(token, form)
        wanted = given | {name.replace("_", "-"): value for name, value in headers.items()}
        url = path.removeprefix(BASE_URL) if path.startswith("http") else f"{self.base}/{path}"
        content = b"" if body is None else json.dumps(body).encode()
        answer: Any = self.client.generic(method, url, content, "application/json", headers=wanted)
        return answer

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """The data of an answer that must be a success."""
        answer = self(method, path, body)
        told = json.loads(answer.content)
        assert told["status_code"] == 1000, told
        return told.get("data")
