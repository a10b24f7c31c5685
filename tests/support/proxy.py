"""A real nginx with deploy/nginx.conf before the server of the tests."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec

from central.services.certificate_making import key_text
from tests.support.process import ROOT, free_ports
from tests.support.registry import make_certificate
from tests.support.server import LiveServer
from tests.support.wait import eventually

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
PORTS = {"443": "central", "80": "plain", "9443": "certified", "8443": "registry"}


def client_context(pem: str = "", key: ec.EllipticCurvePrivateKey | None = None) -> ssl.SSLContext:
    """TLS of a client that takes any server, with a certificate of its own where one is given."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if key is not None:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(pem + "\n" + key_text(key))
            file.flush()
            context.load_cert_chain(file.name)
    return context


class Proxy:
    """nginx as compose starts it, with ports, folders and names of this machine; a context manager."""

    def __init__(self, server: LiveServer, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS.values(), free_ports(len(PORTS)), strict=True))
        text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
        for number, name in PORTS.items():
            text = text.replace(f"listen {number}", f"listen 127.0.0.1:{self.ports[name]}")
            text = text.replace(f"        {number} $ssl", f"        {self.ports[name]} $ssl")
        text = text.replace("ev-central:8000", f"127.0.0.1:{server.port}")
        text = text.replace("ev-registry:8080", f"127.0.0.1:{server.registry_port}")
        text = text.replace("/tmp/", f"{folder}/").replace("/certs/", f"{folder}/")
        user = "user root;" if os.geteuid() == 0 else ""
        text = text.replace("worker_processes auto;", f"worker_processes 1; daemon off; {user}")
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        key = ec.generate_private_key(ec.SECP256R1())
        (folder / "server.pem").write_text(make_certificate(key=key, name="localhost"), encoding="ascii")
        (folder / "server.key").write_text(key_text(key), encoding="ascii")
        self.process: subprocess.Popen[bytes] | None = None

    def wss(self, name: str = "central") -> str:
        """The address of the charge points' sockets at a port."""
        return f"wss://127.0.0.1:{self.ports[name]}/ocpp"

    def https(self, name: str, path: str) -> str:
        """An address at a port."""
        return f"https://127.0.0.1:{self.ports[name]}{path}"

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "nginx ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports["registry"])) == 0

    def __enter__(self) -> Self:
        assert NGINX is not None
        command = [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self.process = subprocess.Popen(command)
        eventually(self._listens)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=10)
