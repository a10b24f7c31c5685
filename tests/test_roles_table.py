"""The table of rights is whole, is what the documentation says, and is what pages and REST go by."""

from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.urls import URLPattern, get_resolver

from registry.api.rights import RightPermission, rights_needed, thing_of
from registry.models import ServiceAccount, User
from registry.models.user import Role
from registry.rights import THINGS, Right, Verb, granted, may

ROLES = Path(__file__).resolve().parent.parent / "docs" / "roles.md"


def _views(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None)
            if view is not None:
                yield view, getattr(pattern.callback, "actions", None) or {}, pattern.callback
        else:
            yield from _views(pattern.url_patterns)


def test_the_documented_table_is_the_one_of_the_code():
    out = StringIO()
    call_command("roles_table", stdout=out)
    assert ROLES.read_text() == out.getvalue(), "run: manage.py roles_table > docs/roles.md"


def test_every_table_of_the_back_office_has_its_line():
    assert [
        model._meta.label_lower for model in admin.site._registry if model._meta.label_lower not in THINGS
    ] == []


def test_every_endpoint_with_rights_asks_for_one():
    """A view that neither the table nor itself gives a right would be nobody's."""
    missing = []
    for view, _, callback in _views(get_resolver("emobility.urls").url_patterns):
        asked = [rights_needed(method, view) for method in ("GET", "POST")]
        if RightPermission in view.permission_classes and not any(asked):
            missing.append(f"{callback.__name__} ({thing_of(view)})")
    assert missing == []


def test_every_line_is_of_something_that_exists():
    models = {model._meta.label_lower for model in apps.get_models()}
    assert set(THINGS) - models - {"central.order"} == set()


def test_nobody_but_the_platform_makes_organisations():
    assert [role for role in Role.values if Right.PLATFORM in granted(role)] == []


@pytest.mark.parametrize("right", list(Right))
def test_a_scope_never_adds_to_a_role(right):
    """Of each role, an account with one scope has that right where the role has it, and no other."""
    for role in Role.values:
        account = ServiceAccount(role=role, scopes=[right.value], organization_id=1, is_service=True)
        held = {each for each in Right if may(account, each)}
        assert held == {right} & granted(role)


@pytest.mark.parametrize(
    "who", [None, User(role="admin"), User(role="admin", organization_id=1, is_active=False)]
)
def test_nobody_without_an_organisation_or_a_live_login_may_anything(who):
    assert [right for right in Right if may(who, right)] == []


def test_a_field_technician_services_but_does_not_sell():
    """Message log, configuration, diagnostics, trigger, firmware; no sessions of drivers."""
    technician = User(role=Role.MAINTENANCE, organization_id=1)
    assert may(technician, Right.SERVICE)
    assert not any(
        may(technician, right) for right in (Right.OPERATE, Right.ENROL, Right.MANAGE, Right.AUDIT)
    )


def test_history_is_changed_by_nobody():
    for label in (
        "central.message",
        "central.command",
        "central.session",
        "billing.cdr",
        "registry.auditentry",
    ):
        assert [THINGS[label].needs(verb) for verb in (Verb.CHANGE, Verb.DELETE)] == [None, None], label
