"""What follows when tags, their groups or the rules who may charge change: no copy of them stays old."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from central.models import AuthorizationPolicy, IdToken, IdTokenGroup, LocalList
from central.services.local_list_sync import local_lists_mark
from central.services.local_lists import local_list_command_ended
from central.services.policies import policies_forget
from central.services.provider_answers import providers_forget
from central.signals import command_finished, tokens_changed
from emobility.lib.bell import after_commit
from emobility.lib.clock import utc_now


@receiver([post_save, post_delete], sender=AuthorizationPolicy, dispatch_uid="central.policy_changed")
def forget_policies(instance: AuthorizationPolicy, **_: Any) -> None:
    """This process reads the rules anew; others do when their copy is old."""
    policies_forget()
    after_commit(tokens_changed, organization_id=instance.organization_id)


@receiver([post_save, post_delete], sender=IdToken, dispatch_uid="central.token_changed")
@receiver([post_save, post_delete], sender=IdTokenGroup, dispatch_uid="central.token_group_changed")
def tell_tokens(instance: Any, **_: Any) -> None:
    """A tag or a group was written."""
    providers_forget()
    after_commit(tokens_changed, organization_id=instance.organization_id)


def tell_places(instance: Any, **_: Any) -> None:
    """Where a tag or a group may charge was changed, from its own side."""
    if isinstance(instance, IdToken | IdTokenGroup):
        after_commit(tokens_changed, organization_id=instance.organization_id)


for places in (IdToken.sites, IdToken.charge_points, IdToken.evses, IdTokenGroup.sites):
    m2m_changed.connect(tell_places, sender=places.through, dispatch_uid=f"central.{places.through.__name__}")


@receiver(tokens_changed, dispatch_uid="central.local_lists_due")
def mark_local_lists(organization_id: int, **_: Any) -> None:
    """The organisation's lists are compared with the next sweep; no process keeps an old rule."""
    policies_forget()
    local_lists_mark(organization_id=organization_id, now=utc_now())


@receiver(command_finished, dispatch_uid="central.local_list_ended")
def end_local_list(command_id: int, **_: Any) -> None:
    """An order about a list that was never answered leaves the list behind."""
    if LocalList.objects.filter(command_id=command_id).exists():
        local_list_command_ended(command_id=command_id, now=utc_now())
