#!/usr/bin/env python
"""Command line entry point: configuration faults end in one clear line, not in a traceback."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run a management command; exit 2 with one line where the configuration is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Configuration: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
