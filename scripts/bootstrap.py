"""Prepares a fresh clone: .venv with the locked libraries, .env with generated secrets."""

import argparse
import base64
import hashlib
import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
ENV_FILE = ROOT / ".env"

ENV_TEMPLATE = """\
# Made by `make up` for development on this machine. Production: see .env.example and docs/running.md.
# The environment wins over this file.

# --- development switches: they need DEBUG=true and a loopback HOST -----------------------------------
DEBUG=true
HOST=127.0.0.1
PORT=8000
REGISTRY_API_PORT=8080
# Anybody on this machine may register, list and delete charge points, as the Registry's guide shows.
REGISTRY_OPEN_REGISTRATION=true
# The demo's two companies roam with each other on this machine, over http.
EGRESS_ALLOW_HTTP=true
EGRESS_ALLOW_HOSTS=127.0.0.1

# --- secrets: generated here, known nowhere else --------------------------------------------------------
SECRET_KEY={secret}
REGISTRY_SECRET_KEY={secret}
API_JWT_KEY={secret}
CREDENTIAL_PEPPER={secret}
TOKEN_HMAC_SECRET={secret}
FIELD_ENCRYPTION_KEYS={fernet}
# Used by docker-compose.yml only.
POSTGRES_PASSWORD={secret}
REDIS_PASSWORD={secret}

# --- the default organisation in OCPI -------------------------------------------------------------------
OCPI_COUNTRY_CODE=DE
OCPI_PARTY_ID=EMP
OCPI_BUSINESS_NAME=Demo Charging
OCPI_BUSINESS_WEBSITE=https://example.com
"""


class Failure(Exception):
    """What a person has to know; told in one line."""


def main() -> int:
    """Make what is missing; 1 and one line where that is not possible."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="install the development tools too")
    parser.add_argument("--env", action="store_true", help="write .env where there is none")
    options = parser.parse_args()
    try:
        make_venv()
        install("requirements-dev.txt" if options.dev else "requirements.txt")
        if options.env:
            write_env()
    except (Failure, OSError) as error:
        print(f"Set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Set-up interrupted; the next call goes on where it stopped.", file=sys.stderr)
        return 130
    return 0


def make_venv() -> None:
    """Create .venv, or renew one whose Python has gone or whose creation was interrupted."""
    if PYTHON.exists() and _quiet(str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"):
        return
    print(f"Creating .venv with Python {sys.version_info.major}.{sys.version_info.minor} ...", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
        raise Failure("the environment .venv could not be created (see above).")


def install(lock: str) -> None:
    """Install a lock unless the environment has it; the stamp is written after success only."""
    stamp = VENV / f".installed-{lock}"
    wanted = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing the libraries of {lock} (once; about half a minute) ...", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    if subprocess.run([*pip, "--require-hashes", "-r", lock], cwd=ROOT, check=False).returncode:
        raise Failure(f"the libraries of {lock} could not be installed (see above).")
    stamp.write_text(wanted)


def write_env() -> None:
    """Write .env with secrets of its own, readable by its owner only; never touch one that is there."""
    content = ENV_TEMPLATE.replace("{fernet}", base64.urlsafe_b64encode(os.urandom(32)).decode())
    while "{secret}" in content:
        content = content.replace("{secret}", secrets.token_hex(32), 1)
    try:
        handle = os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(handle, "w", encoding="utf-8") as file:
        file.write(content)
    print("Wrote .env with generated secrets and development switches.", flush=True)


def _quiet(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
