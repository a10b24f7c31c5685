"""`/docs` and `/openapi.json` of the Registry."""

import pytest

from tests.support.registry import Face


def test_the_page_loads_nothing_from_elsewhere(registry):
    for path in ("/docs", "/docs/"):
        page = registry.get(path)
        assert page.status_code == 200
        assert "swagger-ui" in page.content.decode()
        assert "http://" not in page.content.decode()
        assert "https://" not in page.content.decode()


def test_the_pages_script_knows_where_the_description_is(registry):
    script = registry.get("/docs?script=")
    assert "openapi.json" in script.content.decode()


def test_the_description_holds_the_registrys_endpoints_only(registry):
    schema = registry.get("/openapi.json").json()
    assert schema["info"]["title"] == "EV Registry"
    assert set(schema["paths"]) == {
        "/",
        "/health",
        "/cp",
        "/cp/register",
        "/cp/authenticate",
        "/cp/{cp_id}",
    }


def test_every_endpoint_names_its_refusals(registry):
    schema = registry.get("/openapi.json").json()
    register = schema["paths"]["/cp/register"]["post"]["responses"]
    assert set(register) == {"200", "400", "401", "403", "409", "415", "429"}


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_in_production_the_description_is_for_people_who_are_logged_in(
    registry: Face, by_operator: Face, settings, path
):
    settings.DOCS_PUBLIC = False
    assert registry.get(path).status_code == 401
    assert by_operator.get(path).status_code == 200


@pytest.mark.parametrize(
    ("host", "path"), [("localhost:8080", "/docs"), ("localhost:8000", "/docs"), ("localhost:8000", "/redoc")]
)
def test_other_methods_are_refused(client, host, path):
    """OPTIONS too, which would ask the page for a template of its own."""
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert client.generic(method, path, headers={"host": host}).status_code == 405
