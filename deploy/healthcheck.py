"""Exit 0 where the face of this container answers its health check (standard library; used by the image)."""

import os
import ssl
import sys
import urllib.request
from urllib.error import URLError

CENTRAL, REGISTRY = ("PORT", "8000", "/api/health"), ("REGISTRY_API_PORT", "8080", "/")


def main() -> int:
    """Ask as the proxy would: with a host name that is allowed, and as if over TLS."""
    name, default, path = REGISTRY if os.environ.get("FACE") == "registry" else CENTRAL
    own_tls = os.environ.get("REGISTRY_TLS_ENABLED", "").lower() in {"1", "true", "yes", "on"}
    tls = own_tls if name == REGISTRY[0] else bool(os.environ.get("SSL_CERTFILE"))
    address = f"{'https' if tls else 'http'}://127.0.0.1:{os.environ.get(name, default)}{path}"
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0]
    # The certificate is made for the outer name; here only the process behind it is asked.
    context = ssl._create_unverified_context()
    request = urllib.request.Request(address, headers={"Host": host, "X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request, timeout=4, context=context) as answer:
            return 0 if answer.status == 200 else 1
    except (URLError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
