"""People who log in: each has one role in one organisation; the platform's administrators have none."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from registry.models.organization import Organization
from registry.models.site import Site


class Role(models.TextChoices):
    """What a person may do in the organisation."""

    ADMIN = "admin", _("admin")
    OPERATOR = "operator", _("operator")
    MAINTENANCE = "maintenance", _("maintenance")
    VIEWER = "viewer", _("viewer")
    PARTNER = "partner", _("partner")
    SERVICE = "service", _("service")


PEOPLE_ROLES = tuple(choice for choice in Role.choices if choice[0] != Role.SERVICE)
"""What a person can be; `service` is for machine clients."""


class UserManager(DjangoUserManager["User"].from_queryset(VisibleQuerySet)):  # type: ignore[misc]
    """Django's user manager with `visible_to`."""


class User(AbstractUser):
    """A person, or the login of a service account; raising `token_version` ends all older access tokens."""

    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.VIEWER)
    sites = models.ManyToManyField(
        Site,
        blank=True,
        related_name="hosts",
        verbose_name=_("sites"),
        help_text=_("What a partner (a host) sees; other roles see all sites of the organisation."),
    )
    is_service = models.BooleanField(_("service account"), default=False, editable=False)
    token_version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    @property
    def sees_all(self) -> bool:
        """True for the platform's administrators: superusers outside any organisation."""
        return self.is_superuser and self.organization_id is None

    @cached_property
    def sites_held(self) -> frozenset[int] | None:
        """The sites that a partner sees; None where the role sees all of the organisation."""
        if self.role != Role.PARTNER or self.sees_all:
            return None
        return frozenset(self.sites.values_list("pk", flat=True))

    @property
    def scopes_held(self) -> frozenset[str] | None:
        """The rights that a service account is cut down to; None for people, whom only the role limits."""
        return frozenset(self.serviceaccount.scopes) if self.is_service else None
