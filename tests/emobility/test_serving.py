"""Serving: which face answers where, TLS, ports of their own, a taken port, an orderly end."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.support.process import ServerProcess, free_port

pytestmark = pytest.mark.integration


def service(url: str, **headers: str) -> str:
    """The name with which a face presents itself at `url`."""
    answer = httpx2.get(url, headers=headers, verify=False, timeout=10)
    return str(answer.json()["service"])


def self_signed(folder: Path) -> tuple[str, str]:
    """A key and a certificate for localhost; their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    start = datetime.now(UTC) - timedelta(minutes=1)
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    return str(folder / "key.pem"), str(folder / "cert.pem")


def test_daphne_serves_both_faces_on_their_ports_and_by_host_name() -> None:
    """One process, two endpoints; a proxy in front is recognised by the Host header that it passes on."""
    extra = {
        "FACE_TABLE": "registry.example.org=registry,central.example.org=central",
        "ALLOWED_HOSTS": "127.0.0.1,registry.example.org,central.example.org",
    }
    with ServerProcess() as server:
        assert service(f"http://127.0.0.1:{server.registry_port}/") == "EV Registry"
        assert service(f"http://127.0.0.1:{server.port}/api/health") == "EV Central"
    with ServerProcess(environment=extra) as proxied:
        url = f"http://127.0.0.1:{proxied.port}"
        assert service(f"{url}/", Host="registry.example.org") == "EV Registry"
        assert service(f"{url}/api/health", Host="central.example.org") == "EV Central"


@pytest.mark.parametrize(
    ("face", "path", "name"), [("registry", "/", "EV Registry"), ("central", "/api/health", "EV Central")]
)
def test_uvicorn_process_serves_the_face_it_is_told(face: str, path: str, name: str) -> None:
    """One port per process: FACE decides, whatever the port."""
    command = ("-m", "uvicorn", "emobility.asgi:application", "--port", "{port}", "--lifespan", "off")
    server = ServerProcess(command, environment={"FACE": face})
    server.migrate()
    server.start(wait_for=f"http://127.0.0.1:{server.port}{path}")
    try:
        assert service(f"http://127.0.0.1:{server.port}{path}") == name
    finally:
        server.stop()


def test_tls_and_an_address_of_its_own_for_ocpp(tmp_path: Path) -> None:
    """SSL_*, REGISTRY_TLS_* and OCPP_WEBSOCKET_* (requirement documents 000 and 004)."""
    key, certificate = self_signed(tmp_path)
    ocpp_port = free_port()
    server = ServerProcess(
        environment={
            "SSL_KEYFILE": key,
            "SSL_CERTFILE": certificate,
            "REGISTRY_TLS_ENABLED": "true",
            "REGISTRY_TLS_KEY_FILE": key,
            "REGISTRY_TLS_CERT_FILE": certificate,
            "OCPP_WEBSOCKET_HOST": "127.0.0.1",
            "OCPP_WEBSOCKET_PORT": str(ocpp_port),
        }
    )
    server.migrate()
    server.start(wait_for=f"https://127.0.0.1:{server.port}/api/health")
    try:
        assert service(f"https://127.0.0.1:{server.registry_port}/") == "EV Registry"
        trust = ssl.create_default_context(cafile=certificate)
        trust.check_hostname = False
        with pytest.raises(InvalidStatus) as refused:
            connect(
                f"wss://127.0.0.1:{ocpp_port}/ocpp/NOBODY", ssl=trust, subprotocols=[Subprotocol("ocpp1.6")]
            )
        assert refused.value.response.status_code in {401, 404}
    finally:
        server.stop()


def test_taken_port_is_told_in_one_line() -> None:
    """No traceback, nothing changed, exit code not 0."""
    server = ServerProcess()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", server.port))
        taken.listen()
        ended = server.run("manage.py", "up")
    assert ended.returncode != 0
    assert len(ended.stderr.strip().splitlines()) == 1
    assert str(server.port) in ended.stderr


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"REGISTRY_TLS_ENABLED": "true"}, "REGISTRY_TLS_CERT_FILE"),
        ({"SSL_KEYFILE": "/nowhere/key.pem"}, "/nowhere/key.pem"),
        ({"SSL_KEYFILE": "/nowhere/key.pem", "SSL_CERTFILE": "/nowhere/cert.pem"}, "/nowhere/cert.pem"),
        ({"OCPP_WEBSOCKET_PORT": "{port}"}, "OCPP_WEBSOCKET_PORT"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere.sqlite3"}, "database"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(changes: dict[str, str], named: str) -> None:
    """Above all, nothing is served without TLS where TLS was asked for."""
    server = ServerProcess()
    server.environment |= {name: value.format(port=server.port) for name, value in changes.items()}
    ended = server.run("manage.py", "up")
    assert ended.returncode != 0
    assert len(ended.stderr.strip().splitlines()) == 1
    assert named in ended.stderr


def test_sigterm_ends_the_server_in_order() -> None:
    """Exit code 0 and no traceback."""
    with ServerProcess() as server:
        assert server.stop() == 0
        assert "Traceback" not in server.console()
