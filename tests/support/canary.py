"""A port of this machine that nobody may reach, and addresses that try to (RELIABILITY T15)."""

import socket
import threading


class Canary:
    """A port of this machine that nobody may reach."""

    def __init__(self) -> None:
        self.hits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()

    def close(self) -> None:
        # A blocked accept() only ends when somebody calls: so knock once, uncounted.
        self.hits = -1
        with socket.socket() as knock:
            knock.connect(("127.0.0.1", self.port))
        self._socket.close()


HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0.0.0.0", "0", "2130706433", "0x7f000001",
    "0177.0.0.1",
    "0x7f.1", "017700000001", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
    "[fd00::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "[ff02::1]",
]  # fmt: skip
FORMS = [
    "https://example.org@127.0.0.1:{port}/", "https://127.0.0.1:{port}#@example.org/",
    "https://example.org:443@127.0.0.1:{port}/", "https:\\\\127.0.0.1:{port}/", "https://127.0.0.1\\@example.org/",
    "https://127.0.0.1:{port}\r\nHost: example.org/", "https:///127.0.0.1:{port}", "https://", "//127.0.0.1/",
    "http://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_",
    "https://127.0.0.1:99999/", "https://1 27.0.0.1/", "https://ⓛocalhost/", "https://[::1/", "https://a..b/",
]  # fmt: skip
PAYLOADS = [f"https://{host}:{{port}}/hooks" for host in HOSTS] + FORMS
