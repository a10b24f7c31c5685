"""A roaming partner that only answers, over TLS, after so many milliseconds: `/<delay>/<party id>/...`.

`python -m benchmarks.partner FOLDER` writes ca.pem there and prints its port. It speaks OCPI 2.2.1, takes
every registration and every CDR.
"""

import json
import ssl
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST, VERSION = "127.0.0.1", "2.2.1"
TOKEN_B = "benchmark-token-b"


class Answers(BaseHTTPRequestHandler):
    """Says what a registration and a push want to hear."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        delay, party, *rest = self.path.strip("/").split("/")
        time.sleep(int(delay) / 1000)
        base = f"https://{self.headers['Host']}/{delay}/{party}"
        if rest[-1:] == ["cdrs"]:
            cdr_id = json.loads(content)["id"]
            self._say(201, None, {"Location": f"{base}/{VERSION}/cdrs/{cdr_id}"})
        elif rest == ["versions"]:
            self._say(200, [{"version": VERSION, "url": f"{base}/{VERSION}"}])
        else:
            sides = (("credentials", "SENDER"), ("cdrs", "RECEIVER"))
            points = [
                {"identifier": name, "role": side, "url": f"{base}/{VERSION}/{name}"} for name, side in sides
            ]
            self._say(200, {"version": VERSION, "endpoints": points})

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 -- names of http.server

    def _say(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        told = {"status_code": 1000, "timestamp": "2026-01-01T00:00:00Z"}
        body = json.dumps(told if data is None else told | {"data": data}).encode()
        self.send_response(status)
        named = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        for name in ("X-Request-ID", "X-Correlation-ID"):
            named[name] = self.headers.get(name, "")
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Many connections at once."""

    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is not told of."""


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for this address; ca.pem is what others must trust."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark partner")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "ca.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


def main() -> None:
    """Serve until killed."""
    server = Server((HOST, 0), Answers)
    server.socket = certificate(Path(sys.argv[1])).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
