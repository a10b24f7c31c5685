"""Abstract bases of models: time stamps, ownership by an organisation, visibility to an actor."""

from typing import Any, Protocol, Self, TypeVar

from django.db import models


class Actor(Protocol):
    """Whoever asks: a person or a service account; sees its organisation, or all where `sees_all`."""

    @property
    def organization_id(self) -> int | None:
        """The organisation whose rows the actor may see."""

    @property
    def sees_all(self) -> bool:
        """True for the platform's own administrators."""


M = TypeVar("M", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[M]):
    """A queryset that knows who may see its rows; `organization_path` leads to the owner."""

    organization_path = "organization_id"

    def visible_to(self, actor: Any) -> Self:
        """The rows of the actor's organisation; nothing for somebody without one."""
        if actor is None or not getattr(actor, "is_active", True):
            return self.none()
        if getattr(actor, "sees_all", False):
            return self
        organization_id = getattr(actor, "organization_id", None)
        if organization_id is None:
            return self.none()
        return self.filter(**{self.organization_path: organization_id})


class ChargePointQuerySet(VisibleQuerySet[M]):
    """Rows that belong to an organisation through their charge point."""

    organization_path = "charge_point__organization_id"


class TimeStamped(models.Model):
    """Created and changed, both in UTC."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True
