"""Outgoing HTTP reaches only what it may (RELIABILITY T15): a canary counts every connection."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from emobility.lib import egress
from tests.support.canary import FORMS, HOSTS, Canary
from tests.support.partner import ScriptedPartner, drop, oversized, redirect_to


@pytest.fixture
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.close()


@pytest.mark.parametrize("url", [f"https://{host}:{{port}}/ocpi/versions" for host in HOSTS] + FORMS)
def test_t15_no_payload_reaches_this_machine(settings: LazySettings, canary: Canary, url: str) -> None:
    """T15: decimal, octal, hexadecimal, IPv6, wrapped IPv4, metadata, `@`, broken forms: no knock."""
    settings.EGRESS_ALLOW_HOSTS, settings.EGRESS_ALLOW_HTTP = [], False
    with pytest.raises((egress.EgressRefused, egress.EgressUnreachable)):
        egress.request("GET", url.format(port=canary.port), headers={})
    assert canary.hits == 0


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:10.0.0.1"]])
def test_t15_a_name_that_means_this_machine_is_refused(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, canary: Canary, addresses: list[str]
) -> None:
    """T15: one forbidden address among good ones is enough."""
    settings.EGRESS_ALLOW_HOSTS = []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (item, 443)) for item in addresses]
    )
    with pytest.raises(egress.EgressRefused):
        egress.request("GET", f"https://partner.example.org:{canary.port}/", headers={})
    assert canary.hits == 0


def test_t15_a_name_is_looked_up_once(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedPartner
) -> None:
    """T15, rebinding: the connection goes to the address that was checked; Host keeps the name."""
    port = int(scripted.url().rsplit(":", 1)[1])
    answers = iter(["127.0.0.1"])
    settings.EGRESS_ALLOW_HOSTS = ["rebind.example.org"]
    real = socket.getaddrinfo

    def once(host: str, *rest: object, **options: object) -> object:
        if host == "rebind.example.org":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]
        return real(host, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    answer = egress.request("GET", f"http://rebind.example.org:{port}/versions", headers={})
    assert answer.status == 200
    assert scripted.requests[0].headers["host"] == f"rebind.example.org:{port}"


def test_t15_a_redirect_is_not_followed(scripted: ScriptedPartner, canary: Canary) -> None:
    """T15: the answer is given back as it is."""
    scripted.misbehave("GET", "versions", redirect_to(f"http://127.0.0.1:{canary.port}/"))
    answer = egress.request("GET", scripted.url("/versions"), headers={})
    assert answer.status == 307
    assert canary.hits == 0


def test_a_large_answer_is_cut(scripted: ScriptedPartner) -> None:
    """5 MiB, not more."""
    scripted.misbehave("GET", "versions", oversized)
    with pytest.raises(egress.EgressBroken):
        egress.request("GET", scripted.url("/versions"), headers={})


def test_a_dropped_connection_may_have_arrived(scripted: ScriptedPartner) -> None:
    """What was sent and not answered is told apart from what was never sent."""
    scripted.misbehave("POST", "cdrs", drop)
    with pytest.raises(egress.EgressBroken):
        egress.request("POST", scripted.url("/2.2.1/cdrs"), headers={}, content=b"{}")
    with pytest.raises(egress.EgressUnreachable):
        egress.request("GET", "http://127.0.0.1:9/", headers={})


def test_time_is_limited_as_a_whole(egress_open: None) -> None:
    """A peer that sends a byte now and then does not hold us longer than the limit."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with pytest.raises(egress.EgressBroken):
        egress.request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", headers={}, limit=0.5)
    stop.set()
    thread.join(timeout=10)
    listener.close()


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8001/", False),
        ("127.0.0.0/8", "http://127.0.0.9/", True),
        ("10.0.0.0/8", "http://127.0.0.1/", False),
        ("localhost", "http://localhost:8000/", True),
        ("localhost", "http://127.0.0.1:8000/", False),
        ("[::1]:8000", "http://[::1]:8000/", True),
        ("[::1]:8000", "http://[::1]:8001/", False),
        ("::1", "http://[::1]:8001/", True),
    ],
)
def test_the_allow_list_means_hosts_ports_and_networks(
    settings: LazySettings, entry: str, url: str, allowed: bool
) -> None:
    settings.EGRESS_ALLOW_HOSTS, settings.EGRESS_ALLOW_HTTP = [entry], True
    if allowed:
        assert egress.resolve(url).addresses
    else:
        with pytest.raises(egress.EgressRefused):
            egress.resolve(url)


def test_plain_http_needs_its_own_switch(settings: LazySettings) -> None:
    settings.EGRESS_ALLOW_HOSTS, settings.EGRESS_ALLOW_HTTP = ["127.0.0.1"], False
    with pytest.raises(egress.EgressRefused):
        egress.resolve("http://127.0.0.1/")
