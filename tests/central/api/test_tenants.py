"""T14: nobody reaches rows of another organisation, at any address, in any role.

Every address of Central's face is walked by strangers of every kind. An address that no rule below speaks of
fails the test: whoever adds one says here how a stranger would ask for foreign rows there.
"""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from central.api.ocpp_control import CONTROLS
from central.api.records import RECORDS
from central.models import Command, Session
from registry.models import ChargePoint, Event, Organization, WebhookDelivery, WebhookEndpoint
from registry.models.user import Role
from registry.services.tokens import charge_point_token_issue
from tests.support.access_rules import CLOSED_ACCESS, OBJECTS_ACCESS, OWN_ACCESS, pairs
from tests.support.file_rules import CLOSED_FILES, EXPORTS, OWN_FILES, PLATFORM_TABLES
from tests.support.machines import api_key, machine
from tests.support.money_rules import OBJECTS_MONEY
from tests.support.routes import routes
from tests.support.world import furnish, staff

MARK = "BASALT"
FACE = "emobility.urls"
STRANGERS = ["anonymous", "charge point", "service account", *Role.values]

PUBLIC = {
    "",
    "admin/login/",
    "api/health",
    *pairs("health"),
    "healthz",
    "readyz",
    *("metrics", "api/metrics", "api/metrics/"),  # sums over all organisations, with no name of any
    *pairs("docs", "redoc"),
    "openapi.json",
}
"""Answers everybody, and the same to everybody."""

LISTS = [
    "cdrs",
    "charge-points",
    "chargers",
    "commands",
    "events",
    "orders",
    "reviews",
    "sessions",
    "tariff-assignments",
    "tariffs",
    "webhooks",
    "webhook-deliveries",
]
OWN = {
    *OWN_FILES,
    *OWN_ACCESS,
    "admin/",
    "admin/search/",
    "admin/jsi18n/",
    *(f"admin/password_change/{end}" for end in ("", "done/")),
    "admin/logout/",
    "admin/autocomplete/",
    "admin/^(?P<app_label>registry|central|billing|ocpi)/$",
    "api/",
    *(f"api/^{each}/?$" for each in LISTS),
    "api/^logs/?$",
    "api/^logs/export/?$",
    "api/^logs/summary/?$",
    "api/^statistics/?$",
}
"""Answers each with its own rows: nothing of another's may stand there."""

CLOSED = {
    **CLOSED_FILES,
    **CLOSED_ACCESS,
    "^api/": "api/nothing-here",
    "admin/(?P<url>.*)$": "admin/nothing-here",
    "admin/r/<path:content_type_id>/<path:object_id>/": "admin/r/1/1/",
    **pairs("api/token", "api/token/refresh", "api/tickets", "cp/register"),
    **pairs("api/internal/event", "api/internal/broadcast"),
    **{f"api/^{path}/?$": f"api/{path}" for path in CONTROLS},
}
"""Answers no stranger at all: none of them has what these ask for."""

EVERYBODYS = {
    "api/^orders/(?P<pk>[a-z_0-9]+)/?$": "api/orders/reset/",
    **{f"api/status{slash}": f"api/status{slash}" for slash in ("", "/")},
    **{f"api/^tariffs/{verb}/?$": f"api/tariffs/{verb}/" for verb in ("price", "import")},
}
"""Answers what belongs to nobody, for those who may look."""

UID = "(?P<uid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"


def _row(path, model, key, rest):
    return lambda world: f"api/{path}/{getattr(world.one(model), key)}{rest}/"


OBJECTS = {
    **EXPORTS,
    **OBJECTS_ACCESS,
    **{
        f"api/^webhooks/{UID}{rest}/?$": _row("webhooks", WebhookEndpoint, "uid", rest)
        for rest in ("", "/rotate", "/test", "/replay", "/resume")
    },
    **{
        f"api/^webhook-deliveries/(?P<pk>[0-9]{{1,18}}){rest}/?$": _row(
            "webhook-deliveries", WebhookDelivery, "pk", rest
        )
        for rest in ("", "/attempts", "/resend")
    },
    "api/^events/(?P<pk>[0-9]{1,18})/?$": lambda world: f"api/events/{world.one(Event).pk}/",
    f"api/^commands/{UID}/cancel/?$": lambda world: f"api/commands/{world.one(Command).uid}/cancel/",
    f"api/^commands/{UID}/retry/?$": lambda world: f"api/commands/{world.one(Command).uid}/retry/",
    **OBJECTS_MONEY,
    f"api/^commands/{UID}/?$": lambda world: f"api/commands/{world.one(Command).uid}/",
    **{
        f"api/^sessions/(?P<uid>[0-9a-fA-F-]{{32,36}}){rest}/?$": _row("sessions", Session, "uid", rest)
        for rest in ("", "/close", "/meter-values")
    },
    **{
        each: lambda world, each=each: each.replace("<str:cp_id>", world.one(ChargePoint).cp_id)
        for each in pairs("cp/<str:cp_id>/fault", "cp/<str:cp_id>/recovered")
    },
}
"""One row of the other organisation."""

RECORD = re.compile(
    r"api/\^(?P<path>[a-z-]+)(?P<rest>/\(\?P<(?P<field>\w+)>[^)]+\)(/(?P<verb>[a-z-]+))?)?/\?\$"
)
NAMED = {"charge-points": ChargePoint, "chargers": ChargePoint}
"""Resources of a model that did not register themselves, by the same pattern."""
TABLE = re.compile(r"admin/(?P<label>[a-z]+/[a-z]+)/(?P<rest>.*)")
MODELS = {f"{model._meta.app_label}/{model._meta.model_name}": model for model in admin.site._registry}


def _plain(route):
    """The address of a route without its pattern's marks."""
    chosen = route.replace("(?P<app_label>registry|central|billing|ocpi)", "central")
    return chosen.replace("/?$", "/").replace("^", "").replace("$", "")


def _always(address):
    return lambda world: address


def rule_of(route):
    """How strangers are sent to `route`: (kind, address of the foreign thing from the world)."""
    fixed = {
        **{each: ("public", _always(each)) for each in PUBLIC},
        **{each: ("own", _always(_plain(each))) for each in OWN},
        **{each: ("own", _always(to)) for each, to in EVERYBODYS.items()},
        **{each: ("closed", _always(to)) for each, to in CLOSED.items()},
        **{each: ("object", address) for each, address in OBJECTS.items()},
    }
    return fixed.get(route) or _rule_of_table(route) or _rule_of_record(route)


def _rule_of_record(route):
    """Resources that registered themselves: lists give own rows, an object is asked for by its key."""
    found = RECORD.fullmatch(route)
    if found is None or found["path"] not in {*RECORDS, *NAMED}:
        return None
    path = found["path"]
    model: Any = NAMED.get(path) or getattr(RECORDS[path].queryset, "model", None)
    if not found["rest"]:
        return "own", _always(f"api/{found['path']}/")
    key, rest = found["field"], found["verb"]
    return "object", lambda world: f"api/{found['path']}/{getattr(world.one(model), key)}/{rest or ''}"


def _rule_of_table(route):
    table = TABLE.fullmatch(route)
    if table is None or table["label"] not in MODELS:
        return None
    if table["rest"] in {"", "add/", "export/", "import/", "map/", "which/", "clean/"}:
        return "own", _always(route)
    return "closed" if table["label"] in PLATFORM_TABLES else "object", lambda world: re.sub(
        r"<(path:object_)?id>",
        str(world.one(MODELS[table["label"]]).pk),
        route.replace("<slug:order>", "reset"),
    )


@pytest.fixture
def foreign(db):
    return furnish(Organization.objects.create(name=f"{MARK} Power", slug="basalt"), MARK, 2)


@pytest.fixture
def stranger(foreign):
    """A client for each: roles, a machine and a charge point of another organisation, and nobody."""
    own = Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)
    furnish(own, "AMBER", 1)

    def make(who):
        if who == "anonymous":
            return Client(raise_request_exception=False)
        if who == "charge point":
            point = ChargePoint.objects.get(organization=own)
            token, _ = charge_point_token_issue(point, datetime.now(UTC))
            return Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"})
        if who == "service account":
            return Client(raise_request_exception=False, headers=api_key(machine(own, name="stranger"))[1])
        client = Client(raise_request_exception=False)
        client.force_login(staff(own, who))
        return client

    return make


def test_t14_every_address_has_a_rule():
    assert [route for route in routes(FACE) if rule_of(route) is None] == []


@pytest.mark.once
@pytest.mark.parametrize("who", STRANGERS)
def test_t14_a_stranger_reaches_no_row_of_another_organisation(foreign, stranger, who):
    client = stranger(who)
    leaks = []
    for route in routes(FACE):
        kind, address = rule_of(route)
        url = f"/{address(foreign)}"
        for method in (client.get, client.post) if kind == "object" else (client.get,):
            answer = method(url)
            if answer.status_code >= 500:
                leaks.append(f"{url}: {answer.status_code}")
            if answer.status_code < 300 and kind in {"object", "closed"}:
                leaks.append(f"{url}: {answer.status_code}")
            if MARK.encode() in b"".join(answer) and answer.status_code < 300:
                leaks.append(f"{url}: shows foreign rows")
    assert leaks == [], "\n".join(leaks)


@pytest.mark.parametrize("who", STRANGERS)
def test_t14_a_stranger_changes_nothing(foreign, stranger, who):
    """No POST of the walk, nor the ones with a body below, leaves a trace on foreign rows."""
    client = stranger(who)
    point, session = foreign.one(ChargePoint), foreign.one(Session)
    before = Command.objects.filter(organization=foreign.organization).count()
    orders = [
        {"order": "remote_start", "charge_point": point.cp_id, "params": {"id_tag": "X"}},
        {"order": "remote_stop", "charge_point": point.cp_id, "params": {"session": str(session.uid)}},
    ]
    for order in orders:
        answer = client.post("/api/commands/", order, content_type="application/json")
        assert answer.status_code in {401, 403, 404}
    named = {"charger_id": point.cp_id, "transaction_id": session.transaction_id, "key": "A", "value": "1"}
    whole = named | {"id_tag": "X", "location": "https://files.example/x"}
    for path in CONTROLS:
        answer = client.post(f"/api/{path}", whole, content_type="application/json")
        assert answer.status_code in {401, 403, 404}, path
    stop = {"session": str(session.uid)}
    answer = client.post("/api/ocpp/remote/stop", stop, content_type="application/json")
    assert answer.status_code in {400, 401, 403}
    for path, body in {
        f"/admin/registry/chargepoint/{point.pk}/do/remote-start/": {"id_tag": "X"},
        f"/admin/registry/chargepoint/{point.pk}/do/deregister/": {},
        f"/admin/central/session/{session.pk}/do/remote-stop/": {},
    }.items():
        assert client.post(path, body).status_code in {302, 403, 404}
    assert Command.objects.filter(organization=foreign.organization).count() == before
    point.refresh_from_db()
    assert point.is_registered


def test_the_owner_reaches_all_of_them(foreign):
    """The counterpart: the walk above is not refused for another reason."""
    client = Client()
    client.force_login(staff(foreign.organization, Role.ADMIN))
    for route in routes(FACE):
        kind, address = rule_of(route)
        if kind != "closed" and (route.endswith(("/change/", "/history/")) or route.startswith("api/^")):
            answer = client.get(f"/{address(foreign)}")
            # A verb that only takes POST says so, but to nobody whom it would refuse.
            only_post = answer.status_code == 405 and "GET" not in answer["Allow"]
            no_file = answer.status_code == 404 and route.endswith("/file/?$")
            assert answer.status_code == 200 or only_post or no_file, route


def test_the_platform_sees_every_organisation(foreign):
    client = Client()
    client.force_login(staff(None, Role.VIEWER, is_superuser=True))
    for model in admin.site._registry:
        meta = model._meta
        url = f"/admin/{meta.app_label}/{meta.model_name}/"
        assert client.get(url).status_code == 200, url
        assert client.get(f"{url}{foreign.one(model).pk}/change/").status_code == 200, url
