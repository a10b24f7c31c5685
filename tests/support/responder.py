"""A responder on a real socket: OCSP answers and revocation lists of one authority, good or spoilt."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support.pki import Ca, key, name


class Responder:
    """What it says: `status` of every certificate, `at` some time, signed by `ca` or by `signer`.

    `appointed`: a responder of its own signs, whose certificate comes along. `silent`: it never answers.
    """

    def __init__(self, ca: Ca, at: datetime) -> None:
        self.ca, self.signer, self.at = ca, ca, at
        self.status = ocsp.OCSPCertStatus.GOOD
        self.lifetime: timedelta | None = timedelta(days=1)
        self.revoked: list[int] = []
        self.appointed = self.silent = False
        self.http_status = 200
        self.body: bytes | None = None
        self.asked = 0
        self.url = ""
        self.released = threading.Event()

    def answer(self, request: bytes) -> bytes:
        """The DER of the answer to an OCSP request."""
        asked: Any = ocsp.load_der_ocsp_request(request)
        next_update = self.at + self.lifetime if self.lifetime is not None else None
        is_revoked = self.status == ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            asked.issuer_name_hash,
            asked.issuer_key_hash,
            asked.serial_number,
            asked.hash_algorithm,
            self.status,
            self.at,
            next_update,
            self.at - timedelta(days=1) if is_revoked else None,
            x509.ReasonFlags.key_compromise if is_revoked else None,
        )
        private, certificate = self.signer.key, self.signer.certificate
        if self.appointed:
            private = key()
            certificate = self._appoint(private.public_key())
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
        return builder.certificates([certificate]).sign(private, SHA256()).public_bytes(Encoding.DER)

    def listed(self) -> bytes:
        """The revocation list."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.signer.certificate.subject)
            .last_update(self.at)
            .next_update(self.at + timedelta(days=1))
        )
        for number in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(self.at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.signer.key, SHA256()).public_bytes(Encoding.DER)

    def _appoint(self, public: Any) -> x509.Certificate:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        return (
            x509.CertificateBuilder()
            .subject_name(name("responder"))
            .issuer_name(self.signer.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - timedelta(days=1))
            .not_valid_after(self.at + timedelta(days=30))
            .add_extension(usage, critical=False)
            .sign(self.signer.key, SHA256())
        )


@contextmanager
def responding(ca: Ca, at: datetime) -> Iterator[Responder]:
    """A running responder; `.url` is its address."""
    responder = Responder(ca, at)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._reply(responder.answer)

        def do_GET(self) -> None:
            self._reply(lambda body: responder.listed())

        def _reply(self, make: Any) -> None:
            responder.asked += 1
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if responder.silent:
                responder.released.wait(20)
                return
            content = make(body) if responder.body is None else responder.body
            self.send_response(responder.http_status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    responder.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield responder
    finally:
        responder.released.set()
        server.shutdown()
        server.server_close()
