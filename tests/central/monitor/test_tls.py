"""Where Registry and Central speak TLS, the monitor trusts the authority of CP_MONITOR_CA_FILE alone."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from central.monitor.http import Denied, Unreachable, http_client, post_json


class Page(BaseHTTPRequestHandler):
    """Answers each POST by its path: /redirect, /text, /list, or an object."""

    def do_POST(self) -> None:
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", "/object")
        self.end_headers()
        self.wfile.write({"/text": b"hello", "/list": b"[]"}.get(self.path, b'{"a": 1}'))

    def log_message(self, *args: object) -> None:
        """Silent."""


def certificate_files(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a server with TLS, and its certificate's file."""
    certificate, key = certificate_files(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", str(certificate)
    server.shutdown()
    server.server_close()


def test_the_named_authority_is_trusted(secure):
    url, ca_file = secure
    with http_client(ca_file, 5) as client:
        assert post_json(client, f"{url}/object", {}) == {"a": 1}


def test_another_certificate_is_not(secure):
    url, _ = secure
    with http_client("", 5) as client, pytest.raises(Unreachable, match=r"(?i)certificate"):
        post_json(client, f"{url}/object", {}, token="secret")


@pytest.mark.parametrize("path", ["/text", "/list"])
def test_an_answer_of_another_shape_is_no_answer(secure, path):
    url, ca_file = secure
    with http_client(ca_file, 5) as client, pytest.raises(Unreachable):
        post_json(client, url + path, {})


def test_no_redirect_is_followed_with_the_token(secure):
    url, ca_file = secure
    with http_client(ca_file, 5) as client, pytest.raises(Denied, match="302"):
        post_json(client, f"{url}/redirect", {}, token="secret")
