"""The test server answers on real sockets with both faces."""

import httpx2
import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("face", ["http", "registry_http"])
def test_each_face_answers_on_a_port_of_its_own(server, face):
    answer = httpx2.get(getattr(server, face)("/"), follow_redirects=False)
    assert answer.status_code < 500
