"""T8: a rotation never locks a charge point out, and never keeps a dead password alive."""

import base64
from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client

from central.models import Command, PasswordRotation
from central.models.security_change import RotationState
from central.ocpp.ordering import order_place
from central.services.command_delivery import command_timed_out, commands_sweep
from central.services.password_rotations import (
    RotationUnderWay,
    rotation_give_up,
    rotation_login,
    rotations_sweep,
)
from emobility.lib.errors import Conflict
from registry.models import ChargePoint
from registry.services.authentication import charge_point_authenticate
from registry.services.credentials import credential_hash
from registry.services.tokens import InvalidToken, charge_point_by_token, charge_point_token_issue
from tests.support.charge_point import Refused, plug_in
from tests.support.handlers import NOW
from tests.support.pki import leave, settle, utc_now
from tests.support.registry import person
from tests.support.wait import eventually
from tests.support.world import staff

VERSIONS = ["1.6", "2.0.1", "2.1"]
ACTIONS = {"1.6": "ChangeConfiguration", "2.0.1": "SetVariables", "2.1": "SetVariables"}


def place(charge_point, now=None):
    return order_place(charge_point=charge_point, order="password_rotate", params={}, now=now or utc_now())


def password_in(request):
    """The new password as the charge point reads it."""
    return request["value"] if "value" in request else request["setVariableData"][0]["attributeValue"]


def answer_as(version, status):
    if version == "1.6":
        return {"status": status}
    where = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    return {"setVariableResult": [{"attributeStatus": status, **where}]}


class Holder:
    """A charge point that keeps what it is given, or does not."""

    def __init__(self, version, status):
        self.version, self.status, self.got = version, status, ""

    def __call__(self, request):
        self.got = password_in(request)
        return answer_as(self.version, self.status)


def gets_in(enrolled, version, password):
    """True where this password lets it in."""
    try:
        with enrolled.plug_in(version, password=password) as charger:
            charger.boot()
    except Refused as refused:
        return refused.status != 401
    return True


def state():
    return PasswordRotation.objects.latest("id").state


def rotate(enrolled, version, status):
    """What the charge point was given, after its answer was heard."""
    holder = Holder(version, status)
    with enrolled.plug_in(version, handlers={ACTIONS[version]: holder}) as charger:
        charger.boot()
        command = place(enrolled.row)
        eventually(lambda: Command.objects.get(pk=command.pk).finished_at)
    return holder.got


@pytest.mark.integration
@pytest.mark.parametrize("version", VERSIONS)
def test_t8_accepted_the_old_one_is_dead_at_once(enrolled, version):
    """A01.FR.03."""
    new = rotate(enrolled, version, "Accepted")
    assert (len(new), state()) == (40, RotationState.ACCEPTED)
    assert not gets_in(enrolled, version, enrolled.secret)
    assert gets_in(enrolled, version, new)
    assert state() == RotationState.PROVED
    assert ChargePoint.objects.get().pending_credential_hash == ""
    assert not gets_in(enrolled, version, enrolled.secret)


@pytest.mark.integration
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
def test_t8_rejected_the_old_one_lives(enrolled, version, status):
    """A01.FR.04."""
    refused = "UnknownVariable" if (status, version) != ("NotSupported", "1.6") else status
    new = rotate(enrolled, version, status if version == "1.6" or status == "Rejected" else refused)
    assert state() == RotationState.KEPT_OLD
    assert not gets_in(enrolled, version, new)
    assert gets_in(enrolled, version, enrolled.secret)


@pytest.mark.integration
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("held", ["old", "new"])
def test_t8_no_answer_both_live_until_one_is_used(enrolled, version, held):
    with enrolled.plug_in(version) as charger:
        charger.boot()
        place(enrolled.row)
        new = password_in(charger.recv_raw()[3])
        charger.kill()
    eventually(lambda: Command.objects.get().state != "queued")
    Command.objects.update(state="unknown")
    used, other = (enrolled.secret, new) if held == "old" else (new, enrolled.secret)
    assert gets_in(enrolled, version, used)
    assert not gets_in(enrolled, version, other)
    assert gets_in(enrolled, version, used)
    assert state() == (RotationState.KEPT_OLD if held == "old" else RotationState.PROVED)


@pytest.mark.integration
def test_t8_killed_between_frame_and_answer_it_gets_in_with_what_it_holds(enrolled):
    """Twenty times: the charge point kept the new one or did not, and nobody ever hears which."""
    held = enrolled.secret
    for attempt in range(20):
        with enrolled.plug_in("1.6", password=held) as charger:
            charger.boot()
            place(enrolled.row)
            new = password_in(charger.recv_raw()[3])
            charger.kill()
        held = new if attempt % 2 else held
        assert gets_in(enrolled, "1.6", held), attempt
        Command.objects.exclude(state="queued").update(state="unknown")
        assert gets_in(enrolled, "1.6", held), attempt
    ends = PasswordRotation.objects.order_by("pk").values_list("state", flat=True)
    assert list(ends) == [RotationState.KEPT_OLD, RotationState.PROVED] * 10


@pytest.mark.integration
def test_t8_the_key_of_1_6_counts_as_hex_in_either_case_and_as_bytes(enrolled):
    new = rotate(enrolled, "1.6", "Accepted")
    raw = bytes.fromhex(new)
    secret = base64.b64encode(enrolled.cp_id.encode() + b":" + raw).decode()
    headers = {"Authorization": f"Basic {secret}"}
    assert gets_in(enrolled, "1.6", new.upper())
    assert gets_in(enrolled, "1.6", new)
    with plug_in(enrolled.url, enrolled.cp_id, None, "1.6", headers=headers) as charger:
        charger.boot()


@pytest.mark.integration
def test_t8_after_a_reboot_to_come_the_old_one_does_not_end_the_new_one(enrolled):
    new = rotate(enrolled, "1.6", "RebootRequired")
    assert gets_in(enrolled, "1.6", enrolled.secret)
    assert gets_in(enrolled, "1.6", enrolled.secret)
    assert gets_in(enrolled, "1.6", new)
    assert not gets_in(enrolled, "1.6", enrolled.secret)


@pytest.mark.integration
def test_the_password_is_kept_nowhere(enrolled):
    new = rotate(enrolled, "2.0.1", "Accepted")
    rows = [list(model._default_manager.values()) for model in apps.get_models()]
    assert "***" in str(rows)
    assert new not in str(rows)
    client = Client()
    client.force_login(staff(enrolled.row.organization, "admin"))
    for path in ("/api/commands/", "/api/password-rotations/", "/api/messages/"):
        assert new not in client.get(path).content.decode()
    shown = client.get("/api/password-rotations/").json()["results"]
    assert [each["state"] for each in shown] == ["accepted"]


@pytest.mark.django_db
class TestWithoutSockets:
    @pytest.fixture
    def charge_point(self, charge_point):
        charge_point.credential_hash = credential_hash("old secret")
        charge_point.save()
        return charge_point

    def test_the_candidate_is_committed_before_the_frame_leaves(self, charge_point):
        place(charge_point, NOW)
        new = password_in(leave(charge_point, "1.6").payload)
        charge_point.refresh_from_db()
        assert charge_point.pending_credential_hash
        for secret in ("old secret", new):
            charge_point.refresh_from_db()
            charge_point_authenticate(cp_id=charge_point.cp_id, secret=secret, address="::1", now=NOW)

    def test_one_at_a_time(self, charge_point):
        place(charge_point, NOW)
        with pytest.raises(RotationUnderWay):
            place(charge_point, NOW)
        order = leave(charge_point, "1.6")
        command_timed_out(command_id=order.command.pk, now=NOW)
        with pytest.raises(RotationUnderWay):
            place(charge_point, NOW)
        settle(order, {"status": "Accepted"})
        place(charge_point, NOW)

    def test_a_late_answer_counts(self, charge_point):
        place(charge_point, NOW)
        order = leave(charge_point, "1.6")
        command_timed_out(command_id=order.command.pk, now=NOW)
        settle(order, {"status": "Rejected"})
        assert state() == RotationState.KEPT_OLD

    def test_an_error_instead_of_an_answer_leaves_both(self, charge_point):
        place(charge_point, NOW)
        settle(leave(charge_point, "1.6"), None, code="InternalError")
        charge_point.refresh_from_db()
        assert (state(), bool(charge_point.pending_credential_hash)) == (RotationState.OPEN, True)

    def test_a_login_that_proves_one_leaves_the_next_candidate_alone(self, charge_point):
        """The next one leaves between the look at the charge point's row and what the login means."""
        place(charge_point, NOW)
        settle(leave(charge_point, "1.6"), {"status": "Accepted"})
        seen = ChargePoint.objects.get(pk=charge_point.pk)
        place(charge_point, NOW)
        newest = password_in(leave(charge_point, "1.6").payload)
        rotation_login(charge_point=seen, now=NOW)
        charge_point_authenticate(cp_id=charge_point.cp_id, secret=newest, address="::1", now=NOW)

    def test_what_never_left_is_dropped_and_what_the_registry_saw_is_proved(self, charge_point):
        place(charge_point, NOW)
        later = NOW + timedelta(minutes=10)
        commands_sweep(now=later)
        assert rotations_sweep(now=later) == 1
        assert state() == RotationState.DROPPED
        place(charge_point, later)
        new = password_in(leave(charge_point, "1.6", later).payload)
        old, _ = charge_point_token_issue(charge_point, later)
        seen = charge_point_authenticate(cp_id=charge_point.cp_id, secret=new, address="::1", now=later)
        fresh, _ = charge_point_token_issue(seen, later)
        assert rotations_sweep(now=later + timedelta(minutes=2)) == 1
        assert state() == RotationState.PROVED
        assert charge_point_by_token(fresh, later) == charge_point
        with pytest.raises(InvalidToken):
            charge_point_by_token(old, later)

    def test_a_person_may_give_a_new_one_up_that_nobody_uses(self, charge_point, organization):
        place(charge_point, NOW)
        order = leave(charge_point, "1.6")
        admin = person(organization, "admin")
        with pytest.raises(Conflict):
            rotation_give_up(rotation=PasswordRotation.objects.get(), actor=admin, now=NOW)
        settle(order, {"status": "RebootRequired"})
        rotation_give_up(rotation=PasswordRotation.objects.get(), actor=admin, now=NOW)
        charge_point.refresh_from_db()
        assert (state(), charge_point.pending_credential_hash) == (RotationState.KEPT_OLD, "")
