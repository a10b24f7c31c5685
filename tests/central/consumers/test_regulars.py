"""Who was here before is let in together with others; who is not as before is refused as alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from central.models import ChargePointStatus
from emobility.lib.clock import utc_now
from registry.models import ChargePoint, Event
from registry.models.charge_point import RegistrationStatus
from registry.services.credentials import credential_hash
from tests.support.charge_point import Refused
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


def nobody_is_online():
    return not ChargePointStatus.objects.exclude(connection_id=None).exists()


@pytest.fixture
def regulars(enrol):
    """Twelve charge points that were here before."""
    points = [enrol(f"CP-{number}") for number in range(12)]
    for point in points:
        with point.plug_in() as charger:
            charger.boot()
    eventually(nobody_is_online)
    return points


def knock(point, password=None):
    """The socket of one that came in and booted, or the status that it was refused with."""
    stack = ExitStack()
    try:
        charger = stack.enter_context(point.plug_in(password=password))
    except Refused as refused:
        return refused.status
    assert charger.boot()["status"] == "Accepted"
    return stack


def storm(points, passwords=()):
    """All at the same moment; what became of each."""
    passwords = dict(passwords)
    with ThreadPoolExecutor(len(points)) as pool:
        return list(pool.map(lambda point: knock(point, passwords.get(point.cp_id)), points))


def test_all_come_back_at_the_same_moment(regulars):
    since = utc_now()
    sockets = storm(regulars)
    assert ChargePointStatus.objects.exclude(connection_id=None).count() == 12
    assert ChargePoint.objects.filter(last_authenticated__gte=since).count() == 12
    assert Event.objects.filter(kind="charge_point.booted", at__gte=since).count() == 12
    for socket in sockets:
        socket.close()
    eventually(nobody_is_online)
    assert Event.objects.filter(kind="charge_point.disconnected").count() == 24


def test_beside_them_each_wrong_one_is_refused(regulars):
    """A wrong secret, another's secret, one that was deregistered; a new secret is taken up."""
    renewed = "ab" * 20
    ChargePoint.objects.filter(cp_id="CP-2").update(status=RegistrationStatus.DEREGISTERED)
    ChargePoint.objects.filter(cp_id="CP-3").update(pending_credential_hash=credential_hash(renewed))
    came = storm(regulars, {"CP-0": "wrong", "CP-1": regulars[5].secret, "CP-3": renewed})
    assert came[:3] == [401, 401, 401]
    for socket in came[3:]:
        socket.close()
    assert ChargePoint.objects.get(cp_id="CP-3").pending_credential_hash == ""
    assert knock(regulars[3]) == 401, "the old secret is gone once the new one was proved"


def test_t4_who_guessed_too_often_waits_though_the_secret_is_right(regulars):
    for _ in range(5):
        assert knock(regulars[0], "wrong") in {401, 429}
    came = storm(regulars)
    assert came[0] == 429
    for socket in came[1:]:
        socket.close()
