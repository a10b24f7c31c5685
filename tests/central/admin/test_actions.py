"""What people can do from the admin's pages, who may, and what a refusal says."""

import pytest
from django.test import Client
from django.urls import reverse

from central.models import Command, Connector, Evse, IdToken, Session
from central.models.command import CommandState
from registry.models import AuditEntry, ChargePoint, EnrolmentToken, Organization
from registry.models.user import Role
from registry.services.enrolment_tokens import enrolment_token_find
from tests.support.world import furnish, staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def world(own):
    return furnish(own, "AMBER")


@pytest.fixture
def office(own):
    """A client for somebody with a role."""

    def make(role=Role.OPERATOR):
        client = Client()
        client.force_login(staff(own, role))
        return client

    return make


def _do(obj, slug):
    meta = type(obj)._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{slug}", args=[obj.pk])


def _text(response):
    return response.content.decode()


def test_a_start_becomes_a_durable_command_of_the_person(world, office):
    point = world.one(ChargePoint)
    answer = office().post(_do(point, "remote_start"), {"id_tag": "AMBER-0", "evse_number": "2"})
    assert answer.status_code == 302
    command = Command.objects.get(source="admin")
    assert (command.order, command.state, command.charge_point) == ("remote_start", "queued", point)
    assert command.params["evse_number"] == 2
    assert str(command.requested_by) == "operator-amber"
    assert (
        AuditEntry.objects.filter(action="command.queued:remote_start", actor="operator-amber").count() == 1
    )


def test_a_start_for_any_free_connector_names_none(world, office):
    office().post(_do(world.one(ChargePoint), "remote_start"), {"id_tag": "AMBER-0", "evse_number": ""})
    assert Command.objects.get(source="admin").params["evse_number"] is None


def test_the_form_of_a_start_suggests_known_tags_and_connectors(world, office):
    page = _text(office().get(_do(world.one(ChargePoint), "remote_start")))
    assert '<option value="AMBER-0">' in page
    assert "2 · Charging" in page


def test_a_start_without_a_tag_is_not_sent(world, office):
    answer = office().post(_do(world.one(ChargePoint), "remote_start"), {"id_tag": ""})
    assert answer.status_code == 200
    assert not Command.objects.filter(source="admin").exists()


def test_a_session_is_stopped_from_its_page_after_asking_once(world, office):
    session, client = world.one(Session), office()
    assert "stops charging" in _text(client.get(_do(session, "remote_stop")))
    client.post(_do(session, "remote_stop"))
    assert Command.objects.get(source="admin").params["transaction_id"] == session.transaction_id


def test_the_stop_of_a_charge_point_offers_its_running_sessions_only(world, office):
    point, client = world.one(ChargePoint), office()
    other = furnish(Organization.objects.create(name="B", slug="b"), "BASALT").one(Session)
    assert client.post(_do(point, "remote_stop"), {"session": other.pk}).status_code == 200
    assert not Command.objects.filter(source="admin").exists()
    client.post(_do(point, "remote_stop"), {"session": world.one(Session).pk})
    assert Command.objects.filter(source="admin").count() == 1


def test_a_refused_action_says_why(world, office):
    session = world.one(Session)
    Session.objects.filter(pk=session.pk).update(state="ended")
    answer = office().post(_do(session, "remote_stop"))
    assert answer.status_code == 409
    assert "This session has ended." in _text(answer)


def test_a_deregistered_charge_point_is_not_started(world, office):
    point = world.one(ChargePoint)
    client = office()
    client.post(_do(point, "deregister"))
    point.refresh_from_db()
    assert not point.is_registered
    assert "It is deregistered." in _text(client.get(_do(point, "remote_start")))
    answer = client.post(_do(point, "remote_start"), {"id_tag": "AMBER-0"})
    assert "deregistered" in _text(answer)
    assert not Command.objects.filter(source="admin").exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MAINTENANCE, Role.PARTNER])
@pytest.mark.parametrize("slug", ["remote_start", "remote_stop", "deregister", "enrolment_token"])
def test_who_may_only_look_gets_neither_button_nor_action(world, office, role, slug):
    """T20: a viewer's order is 403."""
    point, client = world.one(ChargePoint), office(role)
    assert _do(point, slug) not in _text(
        client.get(reverse("admin:registry_chargepoint_change", args=[point.pk]))
    )
    assert client.post(_do(point, slug), {"id_tag": "X"}).status_code == 403
    assert not Command.objects.filter(source="admin").exists()


def test_an_enrolment_token_is_shown_once_and_never_stored(own, office):
    client = office()
    body = {"cp_id": "NEW-1", "max_uses": 1, "hours": 24}
    answer = client.post(reverse("admin:registry_enrolmenttoken_add"), body)
    secret = _text(answer).split('id="em-secret">')[1].split("<")[0]
    assert "no-store" in answer["Cache-Control"]
    token = enrolment_token_find(secret=secret, cp_id="NEW-1")
    assert token.organization == own
    for page in ("changelist", "change"):
        args = [token.pk] if page == "change" else []
        assert secret not in _text(client.get(reverse(f"admin:registry_enrolmenttoken_{page}", args=args)))
    assert secret not in str(list(EnrolmentToken.objects.values())) + str(list(AuditEntry.objects.values()))


def test_an_enrolment_token_needs_an_id_or_a_prefix(own, office):
    answer = office().post(reverse("admin:registry_enrolmenttoken_add"), {"max_uses": 1, "hours": 24})
    assert answer.status_code == 400
    assert "Name either one cp_id or a prefix." in _text(answer)


def test_a_bootstrap_token_is_for_admins_and_shown_once(own, office):
    url, body = reverse("admin:ocpi_bootstraptoken_add"), {"label": "Basalt", "hours": 24}
    assert office(Role.OPERATOR).post(url, body).status_code == 403
    answer = office(Role.ADMIN).post(url, body)
    assert 'id="em-secret"' in _text(answer)
    assert "no-store" in answer["Cache-Control"]


def test_a_waiting_command_is_cancelled_and_another_is_retried(world, office):
    command, client = world.one(Command), office()
    client.post(_do(command, "cancel"))
    command.refresh_from_db()
    assert command.state == CommandState.CANCELLED
    client.post(_do(command, "retry"))
    assert Command.objects.filter(order=command.order).count() == 2


def test_what_has_left_is_not_cancelled(world, office):
    command = world.one(Command)
    Command.objects.filter(pk=command.pk).update(state=CommandState.SENT)
    answer = office().post(_do(command, "cancel"), follow=True)
    assert "This command has left already." in _text(answer)


def test_a_tag_is_blocked_and_its_uid_hidden_from_who_only_looks(world, office):
    token, operator = world.one(IdToken), office()
    operator.post(_do(token, "block"))
    token.refresh_from_db()
    assert token.blocked
    assert AuditEntry.objects.filter(action="id_token.blocked").exists()
    IdToken.objects.filter(pk=token.pk).update(uid="04A2B3C4D5E6F7")
    page = reverse("admin:central_idtoken_changelist")
    assert "04A2B3C4D5E6F7" in _text(operator.get(page))
    assert "04A2B3C4D5E6F7" not in _text(office(Role.VIEWER).get(page))


HISTORY = ("central_session", "central_message", "registry_auditentry", "registry_event", "billing_cdr")


def test_history_is_read_only_for_everybody(world, office):
    platform = Client()
    platform.force_login(staff(None, Role.VIEWER, is_superuser=True))
    for client in (office(Role.ADMIN), platform):
        for model in (
            "central_session",
            "central_message",
            "registry_auditentry",
            "registry_event",
            "billing_cdr",
        ):
            assert client.get(reverse(f"admin:{model}_add")).status_code == 403
        session = world.one(Session)
        assert client.post(reverse("admin:central_session_edit", args=[session.pk]), {}).status_code == 403
        assert client.post(reverse("admin:central_session_delete", args=[session.pk])).status_code == 403


def test_a_charge_point_is_placed_by_its_form(world, office):
    point = world.one(ChargePoint)
    url = reverse("admin:registry_chargepoint_edit", args=[point.pk])
    answer = office().post(url, {"site": "", "location": "Level 2", "_save": "1"})
    assert answer.status_code == 302
    point.refresh_from_db()
    assert (point.site, point.location) == (None, "Level 2")
    assert AuditEntry.objects.filter(action="chargepoint.changed").count() == 1


def test_a_site_of_another_organisation_cannot_be_chosen(world, office):
    foreign = furnish(Organization.objects.create(name="B", slug="b"), "BASALT")
    point = world.one(ChargePoint)
    site = foreign.rows[type(point.site)][0]
    url = reverse("admin:registry_chargepoint_edit", args=[point.pk])
    assert "BASALT" not in _text(office().get(url))
    answer = office(Role.ADMIN).post(url, {"site": site.pk, "location": "x", "_save": "1"})
    assert answer.status_code == 200
    point.refresh_from_db()
    assert point.site != site


def test_a_new_site_belongs_to_the_person_s_organisation(own, office):
    body = {"name": "Depot", "country": "DEU", "time_zone": "Europe/Berlin"}
    body |= {"visibility": "public", "_save": "1"}
    assert office().post(reverse("admin:registry_site_add"), body).status_code == 302
    assert own.sites.get().name == "Depot"


def test_an_admin_adds_people_to_the_own_organisation_without_more_power(own, office):
    client = office(Role.ADMIN)
    body = {
        "username": "nina",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "role": "viewer",
        "is_staff": "on",
        "is_superuser": "on",
        "organization": "999",
    }
    assert client.post(reverse("admin:registry_user_add"), body).status_code == 302
    nina = own.users.get(username="nina")
    assert not nina.is_superuser
    assert AuditEntry.objects.filter(action="user.rights_given", object_id=str(nina.pk)).exists()


def test_offline_and_faulted_are_never_mixed(world, office):
    point = world.one(ChargePoint)
    evse = Evse.objects.get(charge_point=point, number=1)
    Connector.objects.filter(evse=evse).update(status="Faulted")
    client, page = office(), reverse("admin:registry_chargepoint_changelist")
    assert "<b>Faulted</b>" in _text(client.get(page, {"state": "faulted"}))
    point.live.connection_id = None
    point.live.save()
    assert "<b>Faulted</b>" not in _text(client.get(page, {"state": "faulted"}))
    assert "<b>Offline</b>" in _text(client.get(page, {"state": "offline"}))


def test_wrong_passwords_are_counted_by_address(own, client):
    """T4 for people: the sixth try is refused even with the right password."""
    person = staff(own, Role.OPERATOR)
    person.set_password("correct horse battery")
    person.save()
    url = reverse("admin:login")
    for _ in range(5):
        client.post(url, {"username": person.username, "password": "wrong"})
    answer = client.post(url, {"username": person.username, "password": "correct horse battery"})
    assert answer.status_code == 200
    assert "Too many failed attempts" in _text(answer)
