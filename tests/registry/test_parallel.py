"""Many registrations at a time: exactly one gets what only one may have."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest

from registry.models import ChargePoint, EnrolmentToken, Organization
from registry.services.enrolment_tokens import enrolment_token_issue
from tests.support.registry import BERLIN, make_certificate

MANY = 50
pytestmark = pytest.mark.integration


def _all_at_once(url: str, bodies: list[dict]) -> Counter:
    with (
        httpx2.Client(limits=httpx2.Limits(max_connections=MANY), timeout=60) as client,
        ThreadPoolExecutor(MANY) as threads,
    ):
        answers = threads.map(lambda body: client.post(url, json=body), bodies)
        return Counter(answer.status_code for answer in answers)


def test_of_fifty_registrations_of_one_id_one_succeeds(server, settings):
    settings.REGISTRY_OPEN_REGISTRATION = True
    outcomes = _all_at_once(server.registry_http("/cp/register"), [BERLIN] * MANY)
    assert outcomes == {200: 1, 409: MANY - 1}
    assert ChargePoint.objects.count() == Organization.objects.count() == 1


def test_of_fifty_charge_points_with_one_certificate_one_gets_it(server, settings):
    settings.REGISTRY_OPEN_REGISTRATION = True
    pem = make_certificate()
    bodies = [BERLIN | {"cp_id": f"CP-{number}", "certificate_pem": pem} for number in range(MANY)]
    assert _all_at_once(server.registry_http("/cp/register"), bodies) == {200: 1, 409: MANY - 1}
    assert ChargePoint.objects.count() == 1


def test_a_token_for_three_uses_lets_three_of_fifty_in(server):
    organization = Organization.objects.create(name="Amber", slug="amber")
    _, secret = enrolment_token_issue(
        organization=organization, prefix="CP-", max_uses=3, now=datetime.now(UTC)
    )
    bodies = [BERLIN | {"cp_id": f"CP-{number}", "enrolment_token": secret} for number in range(MANY)]
    outcomes = _all_at_once(server.registry_http("/cp/register"), bodies)
    assert outcomes == {200: 3, 401: MANY - 3}
    assert EnrolmentToken.objects.get().uses == 3


def test_of_fifty_rotations_with_one_secret_one_succeeds(server, settings):
    settings.REGISTRY_OPEN_REGISTRATION = True
    url = server.registry_http("/cp/register")
    first = httpx2.post(url, json=BERLIN).json()
    outcomes = _all_at_once(url, [BERLIN | {"credentials": first["credentials"]}] * MANY)
    assert outcomes[200] == 1
    assert outcomes[409] + outcomes[429] == MANY - 1
