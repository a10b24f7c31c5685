"""Checks a partner: reads what it offers in its roles, compares that with the rules, changes nothing."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ocpi.core import auth
from ocpi.core.client import PartnerClient, PeerAnswer
from ocpi.core.configuration import CREDENTIALS, VERSION, VERSION_DETAILS
from ocpi.core.crawling import following, with_query
from ocpi.core.envelope import stamp
from ocpi.core.errors import ParametersInvalid, PeerError
from ocpi.core.fields import Schema
from ocpi.core.roles import PUSHED
from ocpi.core.routing import CORRELATION_ID, REQUEST_ID, new_id
from ocpi.core.versions import SPLIT_BY_ROLE, V221, has_message_ids
from ocpi.models import Partner
from ocpi.services.partner_clients import partner_client
from ocpi.services.partner_rows import role_keys

GOOD, ODD, BAD = "good", "odd", "bad"
SINCE: Final = timedelta(days=30)
RECEIVES: Final = {"CPO": ("commands", "tokens"), "EMSP": ("cdrs", "locations", "sessions", "tariffs")}
Finding = tuple[str, str, str]
"""What it is about, the outcome, and a sentence."""


@dataclass(slots=True)
class Probing:
    """A check under way: `schemas` are the objects of the lists by module."""

    partner: Partner
    client: PartnerClient
    schemas: Mapping[str, Schema]
    now: datetime
    endpoints: dict[tuple[str, str], str] = field(default_factory=dict)

    def get(self, url: str, module: str) -> PeerAnswer:
        """Ask; raises PeerError."""
        return self.client.call("GET", url, module=module)


def partner_probe(
    *, partner: Partner, schemas: Mapping[str, Schema], now: datetime
) -> tuple[str, list[Finding]]:
    """Check a registered partner: the correlation id of all messages, and the findings in order.

    No transaction may be open. Raises Invalid where we have no identity ourselves.
    """
    client = replace(partner_client(partner, now), correlation_id=new_id())
    work = Probing(partner, client, schemas, now)
    findings: list[Finding] = []
    for step in (_versions, _strangers, _details, _credentials, _roles, _lists):
        findings += step(work)
    return client.correlation_id, findings


def _asked(
    work: Probing, about: str, url: str, module: str, judge: Callable[[PeerAnswer], Iterator[Finding]]
) -> Iterator[Finding]:
    try:
        answer = work.get(url, module)
    except PeerError as error:
        yield about, BAD, error.message
        return
    yield from _transport(work, about, answer)
    yield from judge(answer)


def _transport(work: Probing, about: str, answer: PeerAnswer) -> Iterator[Finding]:
    """Envelope and headers of any answer (OCPI 2.2.1 §4.1.7, §4.1.8, §4.2)."""
    odd = []
    body = json.loads(answer.content)
    if not str(body.get("timestamp", "")).endswith("Z"):
        odd.append("timestamp is not UTC with Z")
    if not answer.headers.get("content-type", "").startswith("application/json"):
        odd.append("Content-Type is not application/json")
    if has_message_ids(work.partner.version):
        odd += [
            f"{name} is missing"
            for name in (REQUEST_ID, CORRELATION_ID)
            if name.lower() not in answer.headers
        ]
        echoed = answer.headers.get(CORRELATION_ID.lower(), work.client.correlation_id)
        odd += ["X-Correlation-ID is not ours"] if echoed != work.client.correlation_id else []
    yield (about, ODD, "; ".join(odd) + ".") if odd else (about, GOOD, "Answers in its envelope.")


def _fits(about: str, schema: Schema, value: Any, version: str) -> Finding:
    try:
        schema.parse(value, version)
    except ParametersInvalid as error:
        faults = "; ".join(f"{name or 'object'} {fault}" for name, fault in list(error.fields.items())[:5])
        return about, BAD, f"Breaks the rules: {faults or error.message}"
    return about, GOOD, f"{schema.name} is as the rules say."


def _versions(work: Probing) -> Iterator[Finding]:
    def judge(answer: PeerAnswer) -> Iterator[Finding]:
        items = answer.data if isinstance(answer.data, list) else [answer.data]
        yield from (_fits("versions", VERSION, item, V221) for item in items[:10])
        urls = {item.get("version"): item.get("url") for item in items if isinstance(item, dict)}
        if work.partner.version not in urls:
            yield "versions", BAD, f"Version {work.partner.version}, which we speak, is not offered any more."
        work.endpoints["details", ""] = str(urls.get(work.partner.version, ""))

    yield from _asked(work, "versions", work.partner.versions_url, "versions", judge)


def _strangers(work: Probing) -> Iterator[Finding]:
    """A token that nobody has must be refused with HTTP 401 (§4.1.2)."""
    try:
        work.client.with_token(auth.new_token()).call("GET", work.partner.versions_url, module="versions")
    except PeerError as error:
        refused = error.http_status == 401
        words = "Refuses an unknown token." if refused else f"Unknown token: {error.message}, not HTTP 401."
        yield "token", GOOD if refused else ODD, words
    else:
        yield "token", BAD, "Answers whoever asks: an unknown token is not refused."


def _details(work: Probing) -> Iterator[Finding]:
    def judge(answer: PeerAnswer) -> Iterator[Finding]:
        yield _fits("endpoints", VERSION_DETAILS, answer.data, work.partner.version)
        told = answer.data.get("endpoints") if isinstance(answer.data, dict) else None
        offered = {
            (str(item.get("identifier")), str(item.get("url", "")).rstrip("/"))
            for item in told or []
            if isinstance(item, dict)
        }
        stored = {(each.identifier, each.url.rstrip("/")) for each in work.partner.endpoints.all()}
        if offered != stored:
            names = ", ".join(sorted({name for name, _ in offered ^ stored}))
            yield (
                "endpoints",
                ODD,
                f"Others than at the registration: {names}. Rotate the tokens to read them anew.",
            )

    url = work.endpoints.pop(("details", ""), "")
    if url:
        yield from _asked(work, "endpoints", url, "versions", judge)
    for each in work.partner.endpoints.all():
        work.endpoints[each.identifier, each.role] = each.url


def _credentials(work: Probing) -> Iterator[Finding]:
    def judge(answer: PeerAnswer) -> Iterator[Finding]:
        yield _fits("credentials", CREDENTIALS, answer.data, work.partner.version)
        roles = answer.data.get("roles") if isinstance(answer.data, dict) else None
        if work.partner.version in SPLIT_BY_ROLE or not isinstance(roles, list):
            return
        try:
            told = set(role_keys(roles))
        except (KeyError, TypeError, AttributeError):
            return
        if told != set(role_keys(work.partner.roles)):
            yield "credentials", BAD, "Names other parties than those that we agreed on."

    url = work.endpoints.get(("credentials", "SENDER")) or work.endpoints.get(("credentials", "RECEIVER"))
    if url is None:
        yield "credentials", BAD, "There is no credentials endpoint."
    else:
        yield from _asked(work, "credentials", url, "credentials", judge)


def _roles(work: Probing) -> Iterator[Finding]:
    """What its roles usually offer (§3.4)."""
    roles = {str(role.get("role")) for role in work.partner.roles if isinstance(role, dict)}
    for role in sorted(roles & set(RECEIVES)):
        wanted = [(name, "SENDER") for name in sorted(PUSHED[role])]
        wanted += [(name, "RECEIVER") for name in RECEIVES[role]]
        missing = [f"{name} {side.lower()}" for name, side in wanted if (name, side) not in work.endpoints]
        words = (
            f"Does not offer: {', '.join(missing)}." if missing else "Offers all that the role usually has."
        )
        yield f"role {role}", ODD if missing else GOOD, words


def _lists(work: Probing) -> Iterator[Finding]:
    for (module, side), url in sorted(work.endpoints.items()):
        if side == "SENDER" and module in work.schemas:
            yield from _list(work, module, url)


def _list(work: Probing, module: str, endpoint: str) -> Iterator[Finding]:
    start = {"date_from": stamp(work.now - SINCE)} if module == "sessions" else {}
    url = with_query(endpoint, **start, limit=1)

    def judge(answer: PeerAnswer) -> Iterator[Finding]:
        if not isinstance(answer.data, list):
            yield module, BAD, "The answer is no list."
            return
        yield from _paging(module, url, answer)
        yield from (
            _fits(module, work.schemas[module], item, work.partner.version) for item in answer.data[:1]
        )

    yield from _asked(work, module, url, module, judge)
    if module == "sessions":
        yield from _without_start(work, endpoint)


def _paging(module: str, url: str, answer: PeerAnswer) -> Iterator[Finding]:
    """limit, X-Total-Count, X-Limit and Link (§4.1.4.2)."""
    step = following(url, count=len(answer.data), headers=answer.headers, total_before=None)
    faults = list(step.faults)
    if len(answer.data) > 1:
        faults.append(f"limit=1 brought {len(answer.data)} objects")
    if "x-limit" not in answer.headers:
        faults.append("X-Limit is missing")
    if step.url and "link" in answer.headers:
        asked, kept = (set(parse_qs(urlsplit(each).query)) for each in (url, step.url))
        faults += [f"Link loses {name}" for name in sorted(asked - kept)]
    yield (module, ODD, "; ".join(faults) + ".") if faults else (module, GOOD, "Pages as the rules say.")


def _without_start(work: Probing, endpoint: str) -> Iterator[Finding]:
    """§9.2.1.1: date_from is required."""
    try:
        work.get(with_query(endpoint, limit=1), "sessions")
    except PeerError as error:
        if error.status_code == 2001:
            yield "sessions", GOOD, "Wants date_from."
        else:
            yield "sessions", ODD, f"Without date_from: {error.message}, not 2001."
    else:
        yield "sessions", ODD, "Answers without date_from, which is required."
