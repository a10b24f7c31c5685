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
    """A queryset that knows who may see its rows; `organization_path` leads to the owner.

    `site_path` leads to the site, for those who see single sites only (hosts).
    """

    organization_path = "organization_id"
    site_path: str | None = None

    def visible_to(self, actor: Any) -> Self:
        """The rows of the actor's organisation, of a host those of the own sites; nothing without one."""
        if actor is None or not getattr(actor, "is_active", True):
            return self.none()
        if getattr(actor, "sees_all", False):
            return self
        organization_id = getattr(actor, "organization_id", None)
        if organization_id is None:
            return self.none()
        rows = self.filter(**{self.organization_path: organization_id})
        sites = getattr(actor, "sites_held", None)
        if sites is None or self.site_path is None:
            return rows
        return rows.filter(**{f"{self.site_path}__in": sites})


class ChargePointQuerySet(VisibleQuerySet[M]):
    """Rows that belong to an organisation through their charge point."""

    organization_path = "charge_point__organization_id"
    site_path = "charge_point__site_id"


class TimeStamped(models.Model):
    """Created and changed, both in UTC."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True
