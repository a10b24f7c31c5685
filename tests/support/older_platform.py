"""A second platform in a process of its own: a provider that speaks some OCPI versions only.

`python -m tests.support.older_platform 2.1.1` serves NL-MSP and puts its secrets into VAR_DIR.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.core.management import execute_from_command_line

from ocpi.core import versions


def main() -> None:
    """Forget the other versions before anybody reads them, then fill the tables and serve."""
    vars(versions)["SUPPORTED"] = tuple(sys.argv[1].split(","))
    django.setup()
    told = import_module("tests.support.older_rows").fill()
    Path(settings.VAR_DIR, "secrets.json").write_text(json.dumps(told), encoding="utf-8")
    execute_from_command_line(["manage.py", "serve"])


if __name__ == "__main__":
    main()
