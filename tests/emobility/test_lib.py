"""The shared mechanisms: bell, encrypted fields, money, masked logs, faces."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import transaction
from django.dispatch import Signal

from emobility.faces import CENTRAL, REGISTRY, face_of, parse_table
from emobility.lib import bell
from emobility.lib.fields import EncryptedTextField
from emobility.lib.logs import mask_secrets, render_line
from emobility.lib.money import Money, amount4, round_minor
from registry.services.audit import audit_record

SECRET = "a partner's token"


@pytest.mark.django_db(transaction=True)
def test_bell_rings_after_commit_only() -> None:
    """What was rolled back is heard by nobody."""
    signal, heard = Signal(), []
    signal.connect(lambda **ids: heard.append(ids["row_id"]), weak=False)
    with transaction.atomic():
        bell.after_commit(signal, row_id=1)
        assert heard == []
    with transaction.atomic():
        bell.after_commit(signal, row_id=2)
        transaction.set_rollback(True)
    assert bell.drain()
    assert heard == [1]


@pytest.mark.django_db(transaction=True)
def test_failing_receiver_disturbs_nobody() -> None:
    """The bell goes on ringing."""
    signal, heard = Signal(), []

    def broken(**_: object) -> None:
        raise RuntimeError

    signal.connect(broken, weak=False)
    signal.connect(lambda **ids: heard.append(ids["row_id"]), weak=False)
    bell.after_commit(signal, row_id=1)
    bell.after_commit(signal, row_id=2)
    assert bell.drain()
    assert heard == [1, 2]


def test_encrypted_text_survives_key_rotation(settings) -> None:
    """The newest key encrypts, older ones still decrypt, a wrong one raises."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    field = EncryptedTextField()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    stored = field.get_prep_value(SECRET)
    assert SECRET not in stored
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert field.from_db_value(stored) == SECRET
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with pytest.raises(InvalidToken):
        field.from_db_value(stored)
    settings.FIELD_ENCRYPTION_KEYS = ["not a key"]
    with pytest.raises(ImproperlyConfigured):
        field.get_prep_value(SECRET)


def test_encrypted_text_cannot_be_searched() -> None:
    """A lookup on ciphertext would silently find nothing."""
    with pytest.raises(FieldError):
        EncryptedTextField().get_lookup("exact")


def test_empty_text_stays_empty() -> None:
    """'' is not a secret."""
    assert EncryptedTextField().get_prep_value("") == ""


@pytest.mark.parametrize(
    ("amount", "currency", "seen"),
    [("1.005", "EUR", "1.01"), ("1.5", "JPY", "2"), ("0.0005", "KWD", "0.001"), ("-1.005", "EUR", "-1.01")],
)
def test_amounts_round_to_the_minor_unit(amount: str, currency: str, seen: str) -> None:
    """Halves away from zero, by ISO 4217."""
    assert round_minor(Decimal(amount), currency) == Decimal(seen)


def test_amounts_of_two_currencies_do_not_add_up() -> None:
    """No silent conversion."""
    assert (Money(Decimal(1), "EUR") + Money(Decimal("0.00005"), "EUR")).rounded().amount == Decimal("1.00")
    assert amount4(Decimal("0.00005")) == Decimal("0.0001")
    with pytest.raises(ValueError, match="do not add up"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "CHF")


def test_log_lines_mask_secrets() -> None:
    """Whatever the key is called, the value does not reach a file."""
    event = {"event": "x", "token": SECRET, "Authorization": SECRET, "token_expires_at": "2026", "cp_id": "A"}
    masked = mask_secrets(None, "info", event)
    assert SECRET not in str(masked)
    assert masked["token_expires_at"] == "2026"


def test_log_line_reads_as_documented() -> None:
    """`time | LEVEL | text`, as requirement document 001 shows it."""
    line = render_line(
        None, "info", {"timestamp": "2025-12-11 10:00:00", "level": "info", "event": "CP registered"}
    )
    assert line == "2025-12-11 10:00:00 | INFO | CP registered"


@pytest.mark.parametrize(
    ("host", "port", "face"),
    [
        ("localhost:8080", 8080, REGISTRY),
        ("localhost:8000", 8000, CENTRAL),
        ("registry.example.org", 443, REGISTRY),
        ("registry.example.org:443", 9001, REGISTRY),
        ("example.org:8080", 9001, REGISTRY),
        ("[::1]:8080", 8080, REGISTRY),
        ("example.org", 8080, REGISTRY),
        ("example.org", 443, CENTRAL),
        ("", None, CENTRAL),
    ],
)
def test_face_follows_host_then_port(settings, host: str, port: int | None, face: str) -> None:
    """Behind a proxy the Host header tells where the caller knocked."""
    settings.FACE, settings.FACE_TABLE = (
        "",
        ["8080=registry", "8000=central", "registry.example.org=registry"],
    )
    assert face_of(host, port) == face


def test_forced_face_wins(settings) -> None:
    """One port per process: FACE decides."""
    settings.FACE = "registry"
    assert face_of("localhost:8000", 8000) == REGISTRY


def test_wrong_face_table_is_named() -> None:
    """A typing error ends in a sentence."""
    with pytest.raises(ImproperlyConfigured, match="FACE_TABLE"):
        parse_table(("8080=regestry",))


def test_gathered_ids_are_handed_over_together() -> None:
    """Whoever hears of the same sessions many times a second works on each once."""
    heard: list[set[int]] = []
    gather = bell.Gather(lambda ids: heard.append(set(ids)), seconds=60)
    for key in (1, 2, 1):
        gather.add(key)
    assert bell.drain()
    assert heard == [{1, 2}]


def test_addresses_that_are_keys_are_masked_in_logs_and_in_the_audit_trail() -> None:
    """A token of ours in a path, a signature of a pre-signed address in a query."""
    event = {"event": "Not Found: /files/logs/abc/x.zip", "url": "https://s3.example/a?sig=abc&v=1"}
    assert mask_secrets(None, "", event) == {
        "event": "Not Found: /files/logs/***/x.zip",
        "url": "https://s3.example/a?sig=***&v=1",
    }


@pytest.mark.django_db
def test_the_audit_trail_keeps_no_key_of_an_address() -> None:
    """At any depth."""
    after = {"params": {"location": ["ftp://me:hunter2@x.example/", "https://x.example/?token=abc"]}}
    entry = audit_record(actor="x", action="did", after=after, now=datetime(2026, 3, 1, tzinfo=UTC))
    assert entry.after == {
        "params": {"location": ["ftp://me:***@x.example/", "https://x.example/?token=***"]}
    }
