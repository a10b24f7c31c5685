#!/usr/bin/env python
"""Command line entry point: configuration faults end in one clear line, not in a traceback."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

CALCULATE = ("price_cdr",)
"""Commands that need neither secrets nor a database: they run in a clone that was never set up."""


def is_set_up() -> bool:
    """Whether there are settings, in a file or in the environment."""
    file = Path(os.environ.get("ENV_FILE", Path(__file__).with_name(".env")))
    return file.is_file() or "SECRET_KEY" in os.environ or "SECRET_KEY_FILE" in os.environ


def main() -> None:
    """Run a management command; exit 2 with one line where the configuration is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")
    if sys.argv[1:2] and sys.argv[1] in CALCULATE and not is_set_up():
        os.environ |= {"DEBUG": "true", "HOST": "127.0.0.1"}
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Configuration: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
