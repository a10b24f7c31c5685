"""`manage.py price_cdr`: what a CDR comes to by a tariff, and why, without a database."""

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.services.native_prices import VERSIONS, priced_native, version_told
from billing.services.pricing import cdr_priced
from emobility.lib.errors import Invalid

BAD_INPUT = 2


class Command(BaseCommand):
    """Price a CDR and print one JSON object; bad input ends with 2 and the fields named."""

    help = "Prints what an OCPI CDR costs by an OCPI tariff, line by line with reasons, as one JSON object."
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own `--version` makes room for that of OCPI."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Which files, in which form."""
        parser.add_argument(
            "--tariff", required=True, metavar="FILE", help="an OCPI Tariff (JSON); - reads it here"
        )
        parser.add_argument("--cdr", required=True, metavar="FILE", help="an OCPI CDR (JSON)")
        parser.add_argument("--version", dest="ocpi", choices=VERSIONS, help="default: told by the files")
        parser.add_argument(
            "--time-zone", default="", metavar="ZONE", help="of the place; default: the CDR's, else UTC"
        )
        parser.add_argument("--native", action="store_true", help="totals in the form of the version")
        parser.add_argument("--lint", action="store_true", help="with warnings about the tariff")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read both, price, print."""
        try:
            tariff, cdr = _read("tariff", options["tariff"]), _read("cdr", options["cdr"])
            body = cdr_priced(tariff=tariff, cdr=cdr, time_zone=options["time_zone"], lint=options["lint"])
        except Invalid as refused:
            self.stderr.write(refused.message)
            for field, fault in refused.fields.items():
                self.stderr.write(f"{field}: {fault}")
            sys.exit(BAD_INPUT)
        if options["native"]:
            body = priced_native(body, options["ocpi"] or version_told(tariff, cdr))
        self.stdout.write(json.dumps(body, indent=2, ensure_ascii=False))


def _read(name: str, path: str) -> Any:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal, parse_constant=str)
    except (OSError, ValueError) as error:
        raise Invalid(f"{path} cannot be read.", fields={name: str(error)}) from error
