"""`manage.py price_cdr`: one JSON object, or 2 and the field."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.billing.rating_cases import cdr, clock, element, part, tariff, told

NEW = tariff(element(part("ENERGY", 0.25, 10)), tax_included="NO")
OLD_CDR = {
    "currency": "EUR",
    "start_date_time": "2015-06-29T21:39:09",
    "stop_date_time": "2015-06-29T23:37:32",
    "total_cost": 4,
    "charging_periods": [
        {"start_date_time": "2015-06-29T21:39:09", "dimensions": [{"type": "TIME", "volume": 1.973}]}
    ],
}


@pytest.fixture
def priced(tmp_path):
    """Run the command on two objects: (exit code, its JSON, what it complains of)."""

    def run(given, session, *options):
        paths = []
        for name, body in (("tariff", given), ("cdr", session)):
            path = tmp_path / f"{name}.json"
            path.write_text(body if isinstance(body, str) else json.dumps(body, default=float))
            paths += [f"--{name}", str(path)]
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("price_cdr", *paths, *options, stdout=out, stderr=err)
        except SystemExit as ended:
            return ended.code, None, err.getvalue()
        return 0, json.loads(out.getvalue()), err.getvalue()

    return run


def test_totals_lines_and_reasons(priced):
    code, body, _err = priced(NEW, cdr(clock("10:00"), told(60, 20)), "--time-zone", "Europe/Berlin")
    assert code == 0
    assert body["total_cost"] == {"excl_vat": 5, "incl_vat": 5.5}
    assert (body["total_energy"], body["total_time"], body["total_parking_time"]) == (20, 1, 0)
    assert {"total_energy_cost", "total_time_cost", "total_parking_cost", "total_fixed_cost"} <= body.keys()
    assert body["total_reservation_cost"] == {"excl_vat": 0, "incl_vat": 0}
    assert [line["why"] for line in body["lines"]] == ["20 kWh at 0.25 EUR/kWh"]
    assert "lint" not in body


def test_form_of_each_version(priced):
    session = cdr(clock("10:00"), told(60, 20))
    taxed = {"before_taxes": 5, "taxes": [{"name": "VAT", "percentage": 10, "amount": 0.5}]}
    assert priced(NEW, session, "--native")[1]["total_cost"] == taxed
    two = priced(NEW, session, "--native", "--version", "2.2.1")[1]
    assert two["total_cost"] == {"excl_vat": 5, "incl_vat": 5.5}
    old = priced(tariff(element(part("TIME", "2.00", None, 300))), OLD_CDR, "--native")[1]
    assert old["total_cost"] == 4


def test_lint_is_told_on_request(priced):
    given = tariff(element(part("ENERGY", 0.25)), element(part("ENERGY", 0.3)))
    body = priced(given, cdr(clock("10:00"), told(60, 20)), "--lint")[1]
    assert [each["code"] for each in body["lint"]] == ["never_applies"]


@pytest.mark.parametrize(
    ("given", "session", "options", "field"),
    [
        ("no json", {}, [], "tariff: "),
        (NEW, "[", [], "cdr: "),
        (tariff(element(part("ENERGY", -1))), {}, [], "tariff.elements.0.price_components.0.price"),
        (NEW, {}, [], "cdr.start_date_time"),
        (NEW, {}, ["--time-zone", "Mars/X"], "time_zone"),
        (NEW, cdr(clock("10:00"), told(60, -1)), [], "cdr.charging_periods.0.dimensions.1.volume"),
        (NEW, cdr(clock("10:00"), (60, {"WEATHER": 1})), [], "cdr.charging_periods.0.dimensions.0.type"),
        (NEW, cdr(clock("10:00"), told(-60, 1)), [], "cdr.end_date_time"),
    ],
)
def test_bad_input_ends_with_2_and_names_the_field(priced, given, session, options, field):
    code, _body, complaint = priced(given, session, *options)
    assert code == 2
    assert field in complaint


def test_a_tariff_that_was_over_is_told(priced):
    over = NEW | {"end_date_time": "2019-06-30T23:59:59Z"}
    code, body, _err = priced(over, cdr(clock("10:00"), told(60, 20)))
    assert code == 0
    assert body["warnings"] == ["The tariff was not valid when the session began."]


def test_it_runs_in_a_clone_that_was_never_set_up(tmp_path):
    """It needs neither secrets nor a database."""
    files = {"tariff": NEW, "cdr": OLD_CDR}
    for name, body in files.items():
        (tmp_path / name).write_text(json.dumps(body, default=float))
    done = subprocess.run(
        [sys.executable, "manage.py", "price_cdr", *(f"--{name}={tmp_path / name}" for name in files)],
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["currency"] == "EUR"
