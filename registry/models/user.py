"""People who log in: each has one role in one organisation; the platform's administrators have none."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from registry.models.organization import Organization


class Role(models.TextChoices):
    """What a person may do in the organisation."""

    ADMIN = "admin", _("admin")
    OPERATOR = "operator", _("operator")
    MAINTENANCE = "maintenance", _("maintenance")
    VIEWER = "viewer", _("viewer")
    PARTNER = "partner", _("partner")


class UserManager(DjangoUserManager["User"].from_queryset(VisibleQuerySet)):  # type: ignore[misc]
    """Django's user manager with `visible_to`."""


class User(AbstractUser):
    """A person; `token_version` ends all tokens issued before it was raised."""

    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.VIEWER)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    @property
    def sees_all(self) -> bool:
        """True for the platform's administrators: superusers outside any organisation."""
        return self.is_superuser and self.organization_id is None
