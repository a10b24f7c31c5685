"""Every endpoint of every version and role over real HTTP: envelope, status, methods, tokens, headers, pages.

What is asked comes from the modules' own announcements; what is expected from `endpoint_cases`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from ocpi.core.modules import INTERFACES, SENDER, Interface, Route, offered
from ocpi.core.routing import CONFIGURATION
from ocpi.selectors.identity import ROLE_SEGMENTS
from tests.ocpi.endpoint_cases import CASES, LISTS, SINCE, Case, Said
from tests.ocpi.endpoint_world import OBJECTS, ROLES, World, world
from tests.ocpi.rows import VERSIONS
from tests.ocpi.speaking import IDS, Speaker
from tests.support.server import LiveServer

METHODS = ("PUT", "POST", "GET", "PATCH", "DELETE")
"""In this order objects are there when they are asked for."""
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
ROUTED = {
    "OCPI-from-country-code": "NL",
    "OCPI-from-party-id": "TST",
    "OCPI-to-country-code": "DE",
    "OCPI-to-party-id": "EMP",
}
TURNED = {
    "OCPI-from-country-code": "DE",
    "OCPI-from-party-id": "EMP",
    "OCPI-to-country-code": "NL",
    "OCPI-to-party-id": "TST",
}


@dataclass
class Desk:
    """Asks the endpoints of one of our roles, in one version."""

    speaker: Speaker
    world: World
    role: str

    @property
    def version(self) -> str:
        return self.speaker.version

    def interfaces(self) -> list[Interface]:
        """What is offered; where a module is not in this version, it is not there."""
        roles = [self.role] if self.version == "2.1.1" else ROLES[self.role]
        return offered(self.version, roles)

    def routes(self) -> Iterator[tuple[Interface, Route, Case]]:
        """All of them, writes first, the end of the registration last."""
        found = [(interface, route) for interface in self.interfaces() for route in interface.routes]
        found.sort(key=lambda pair: (pair[0].identifier == "credentials", METHODS.index(pair[1].method)))
        for interface, route in found:
            yield interface, route, CASES[key(interface, route)]

    def address(self, interface: Interface, route: Route, case: Case, absent: str = "") -> str:
        """The address with names that are known, but for the one that is `absent`."""
        known = self.world.known | dict(case.params)
        if absent:
            known[absent] = "NOT-THERE" if absent != "party_id" else "XXX"
        segments = [
            known[segment.strip("{}")] if segment.startswith("{") else segment for segment in route.segments
        ]
        return "/".join([interface.path, *segments])

    def ask(self, method: str, path: str, case: Case, **headers: str) -> httpx2.Response:
        """One request with the body and query of the row."""
        body = case.body(self.version, self.world.known) if case.body else None
        routed = ROUTED if self.version != "2.1.1" else {}
        return self.speaker(method, path + case.query, body, routed | headers)

    def judge(self, answer: httpx2.Response, expected: Said, interface: Interface) -> None:
        """Status, envelope and headers."""
        told = envelope(answer)
        assert (answer.status_code, told) == expected, (answer.request.method, answer.url, answer.text)
        routed = self.version != "2.1.1" and interface.identifier not in CONFIGURATION
        seen = {name: answer.headers[name] for name in TURNED if name in answer.headers}
        assert seen == (TURNED if routed else {}), (answer.url, seen)


def key(interface: Interface, route: Route) -> tuple[str, str, str, str]:
    return interface.identifier, interface.side, route.method, "/".join(route.segments)


def envelope(answer: httpx2.Response) -> int:
    """OCPI's status code out of a right envelope with the ids of the request."""
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/json", answer.url
    assert set(told) <= {"data", "status_code", "status_message", "timestamp"}, answer.text
    assert STAMP.fullmatch(told["timestamp"]), answer.text
    assert told["status_message"], answer.text
    assert "data" in told or told["status_code"] != 1000 or answer.request.method != "GET", answer.text
    assert {name: answer.headers[name] for name in IDS} == IDS, answer.url
    return int(told["status_code"])


@pytest.fixture(params=[f"{role} {version}" for role in ROLES for version in VERSIONS])
def desk(request: pytest.FixtureRequest, server: LiveServer, egress_open: None) -> Iterator[Desk]:
    role, version = request.param.split()
    made = world(role, version)
    segment = {role: segment for segment, role in ROLE_SEGMENTS.items()}[role]
    with Speaker(server, made.partner, segment=segment) as speaker:
        yield Desk(speaker, made, role)


def test_every_route_has_a_row() -> None:
    """A new endpoint adds its row to `endpoint_cases.CASES`, a removed one takes it away."""
    routes = [key(interface, route) for interface in INTERFACES.values() for route in interface.routes]
    assert sorted(CASES) == sorted(routes)


def test_every_endpoint_of_a_role(desk: Desk) -> None:
    """Without a token 401; an unknown name; the request that fits; other methods 405; details list it."""
    seen: set[str] = set()
    for interface, route, case in desk.routes():
        path = desk.address(interface, route, case)
        _needs_a_token(desk, route, path, case)
        said, unknown = case.expected(desk.version)
        if unknown is not None:
            names = [segment.strip("{}") for segment in route.segments if segment.startswith("{")]
            elsewhere = desk.address(interface, route, case, case.absent or names[-1])
            desk.judge(desk.ask(route.method, elsewhere, case), unknown, interface)
        if path not in seen:
            _takes_no_other_method(desk, interface, path)
        seen.add(path)
        desk.judge(desk.ask(route.method, path, case), said, interface)


def _needs_a_token(desk: Desk, route: Route, path: str, case: Case) -> None:
    answer = desk.ask(route.method, path, case, Authorization="")
    assert (answer.status_code, envelope(answer)) == (401, 2000), (route, path)
    assert answer.headers["WWW-Authenticate"], path


def _takes_no_other_method(desk: Desk, interface: Interface, path: str) -> None:
    rest = path.removeprefix(interface.path).strip("/").split("/") if path != interface.path else []
    possible = {route.method for route in interface.routes if route.match(rest) is not None}
    for method in METHODS:
        if method not in possible:
            answer = desk.ask(method, path, Case())
            desk.judge(answer, (405, 2000), interface)
            assert set(answer.headers["Allow"].split(", ")) == possible, path


def test_what_a_role_or_version_has_not_is_not_there(desk: Desk) -> None:
    """404 for modules of the other role, or of a later version, and for addresses below none."""
    there = {interface.path for interface in desk.interfaces()}
    absent = {interface.path for interface in INTERFACES.values()} - there
    for path in [*absent, "sender/nothing", "receiver"]:
        answer = desk.speaker("GET", path)
        assert (answer.status_code, envelope(answer)) == (404, 2000), path
    listed = desk.speaker("GET", "").json()["data"]["endpoints"]
    urls = [item["url"] for item in listed]
    assert urls == [desk.speaker.address(path) for path in _in_order(there)]


def _in_order(paths: set[str]) -> list[str]:
    """As `offered` has them: by module, then by side."""
    return [item.path for _, item in sorted(INTERFACES.items()) if item.path in paths]


PAGES = [
    ("limit=0", 2001),
    ("limit=-1", 2001),
    ("limit=x", 2001),
    ("offset=-1", 2001),
    ("offset=x", 2001),
    ("date_from=yesterday", 2001),
    ("date_to=2026-13-01T00:00:00Z", 2001),
    ("limit=100000", 1000),
    ("offset=1000", 1000),
]


def test_every_list_has_pages(desk: Desk) -> None:
    """Total, limit and Link; beyond the end nothing; above the maximum the maximum; wrong words 2001."""
    for module in LISTS:
        if not INTERFACES[module, SENDER].offered(desk.version, ROLES[desk.role]):
            continue
        path = f"sender/{module}{SINCE}"
        whole = desk.speaker("GET", path)
        total = len(whole.json()["data"])
        assert total >= OBJECTS, (module, whole.text)
        assert _page(whole) == (total, total, False), module
        assert _crawled(desk, f"{path}&limit=1", total) == whole.json()["data"], module
        for words, code in PAGES:
            since = "" if "date_from" in words else f"&{SINCE.strip('?')}"
            answer = desk.speaker("GET", f"sender/{module}?{words}{since}")
            assert (answer.status_code, envelope(answer)) == (200, code), (module, words)
            assert code == 2001 or _page(answer) == (0 if "offset" in words else total, total, False), words
        for words in ("date_from=2099-01-01T00:00:00Z", f"{SINCE.strip('?')}&date_to=2020-01-02T00:00:00Z"):
            assert _page(desk.speaker("GET", f"sender/{module}?{words}")) == (0, 0, False), (module, words)
        missing = desk.speaker("GET", f"sender/{module}").json()["status_code"]
        assert missing == (2001 if module == "sessions" else 1000), module


def _page(answer: httpx2.Response) -> tuple[int, int, bool]:
    """Objects on the page, X-Total-Count, whether more follow; the limit is always ours."""
    assert answer.headers["X-Limit"] == "100", answer.url
    return len(answer.json()["data"]), int(answer.headers["X-Total-Count"]), "Link" in answer.headers


def _crawled(desk: Desk, path: str, total: int) -> list[object]:
    """All objects, one a page, by Link; each link is absolute and keeps the filters."""
    found, following, address = [], path, desk.speaker.address(path).partition("?")[0]
    for number in range(1, total + 1):
        answer = desk.speaker("GET", following)
        assert _page(answer) == (1, total, number < total), following
        found += answer.json()["data"]
        if number < total:
            link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers["Link"])
            assert link, answer.headers["Link"]
            following = link[1]
            assert following.startswith(f"{address}?date_from=2020-01-01T00%3A00%3A00Z&"), following
            assert following.endswith(f"offset={number}&limit=1"), following
    return found
