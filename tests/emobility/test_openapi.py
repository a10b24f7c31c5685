"""The contract of REST: `/openapi.json` tells the truth, and nothing that it allows breaks the server.

The whole schema is walked three times with few, fixed examples: with the addresses of rows that exist, with
values that fit the schema, and with values that do not.
"""

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from rest_framework_simplejwt.tokens import RefreshToken
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from emobility.api_docs import whole_schema
from registry.api.access_tokens import access_for
from registry.models import Organization
from registry.models.user import Role
from tests.support.world import World, furnish, staff

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 1}
FEW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
REFUSALS = {"400", "401", "403", "404", "409", "415", "429"}
PARAMETER = re.compile(r"{(\w+)}")
RESOURCE = re.compile(r"api/\^?([a-z-]+)")
OTHERWISE = {
    "/api/internal/whoami": 401,
    "/api/metrics": 401,
    "/api/export-jobs/{uid}/file/": 404,
    "/api/tariffs/applicable/": 400,
}
"""What is not for people, not there yet, or needs to be told where."""
LETTING = {"/cp/register", "/api/health", "/api/token", "/api/token/refresh", "/api/token/revoke"}
"""Asked by those who are nobody yet: they name their refusals themselves."""


@pytest.fixture(scope="module")
def described() -> Any:
    return json.loads(json.dumps(whole_schema(), default=str))


@pytest.fixture
def world(db: None) -> World:
    return furnish(Organization.objects.create(name="Amber", slug="amber", is_default=True), "AMBER")


@pytest.fixture
def token(world: World) -> str:
    person = staff(world.organization, Role.ADMIN)
    return str(access_for(person, RefreshToken.for_user(person))["access"])


@pytest.fixture
def operations(described: Any) -> Iterator[list[Any]]:
    """Every operation, callable in this process, in the test's own transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = _application
    results: Any = schema.get_all_operations()
    found = [result.ok() for result in results]
    yield found
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _application(environ: Any, start_response: Any) -> list[bytes]:
    """The whole answer, closed as a server does."""
    answer = WSGIHandler()(environ, start_response)
    content = b"".join(answer)
    answer.close()
    return [content]


def _each(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_operation_tells_what_it_does_and_how_it_refuses(described):
    for method, path, operation in _each(described):
        name = f"{method} {path}"
        assert operation.get("description"), name
        assert operation.get("tags"), name
        refusals = REFUSALS & operation["responses"].keys()
        if path not in LETTING and path.startswith("/api/"):
            assert {"401", "403"} <= refusals, name
        if "{" in path:
            assert "404" in refusals, name
        for status in refusals:
            body = operation["responses"][status]["content"]["application/json"]
            assert body["schema"]["$ref"].rpartition("/")[2] in {"Fault", "OrderRefused"}, (name, status)


def test_every_body_has_an_example(described):
    for method, path, operation in _each(described):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for media, content in body.get("content", {}).items():
                if "json" in media:
                    assert {"example", "examples"} & content.keys(), (method, path, media)


@pytest.mark.once
def test_what_exists_is_answered_as_described(world, operations, token):
    """Each GET with the key of a row that is there."""
    wrong: list[str] = []
    seen, models = 0, dict(_models(get_resolver("emobility.urls").url_patterns))
    for operation in operations:
        if operation.method.upper() == "GET":
            seen += 1
            case = operation.Case(path_parameters=_keys(operation.path, world, models))
            _send(case, token, wrong, expected=OTHERWISE.get(operation.path, 200))
    assert wrong == []
    assert seen > 100


def _keys(path: str, world: World, models: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a path, out of the world."""
    name = [*path.split("/"), ""][2]
    if name == "orders":
        return {"id": "reset"}
    return {
        key: str(getattr(world.one(models[name]), {"id": "pk"}.get(key, key)))
        for key in PARAMETER.findall(path)
    }


def _models(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The models behind the addresses below /api/, by the first part of their path."""
    for pattern in patterns:
        here = before + str(pattern.pattern)
        found = RESOURCE.match(here)
        rows = getattr(getattr(getattr(pattern, "callback", None), "cls", None), "queryset", None)
        if isinstance(pattern, URLResolver):
            yield from _models(pattern.url_patterns, here)
        elif found and rows is not None:
            yield found[1], rows.model


def _send(case: Any, token: str, wrong: list[str], expected: int = 0) -> None:
    """Call, and note every way in which the answer is not as described."""
    label = case.operation.label
    try:
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        if expected and response.status_code != expected:
            wrong.append(f"{label}: {response.status_code} {response.text[:200]}")
        case.validate_response(response, checks=CHECKS)
    except (FailureGroup, Failure) as error:
        each = error.exceptions if isinstance(error, FailureGroup) else [error]
        wrong.extend(f"{label}: {str(one)[:600]}" for one in each)


@pytest.mark.once
@pytest.mark.parametrize("mode", list(EXAMPLES))
def test_nothing_that_may_be_sent_breaks_the_server(operations, token, mode):
    wrong: list[str] = []
    for operation in operations:
        _try(operation, mode, token, wrong)
    assert wrong == []


def _try(operation: Any, mode: GenerationMode, token: str, wrong: list[str]) -> None:
    @seed(2026)
    @settings(FEW, max_examples=EXAMPLES[mode])
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        _send(case, token, wrong)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked
            run()
