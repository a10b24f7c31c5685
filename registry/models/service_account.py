"""Service accounts: machine clients of an organisation, their keys, and what signed requests used up."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.user import User, UserManager


class ServiceAccount(User):
    """A machine client: a login without password whose role is cut down to `scopes` (values of Right).

    Being a User it can be named wherever a person can: who asked for a command, who did what.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    scopes = models.JSONField(_("scopes"), default=list, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("service account")
        verbose_name_plural = _("service accounts")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes_held(self) -> frozenset[str]:
        """The rights that it is cut down to."""
        return frozenset(self.scopes)


class KeyKind(models.TextChoices):
    """How a key is used."""

    BEARER = "bearer", _("API key")
    HMAC = "hmac", _("signing key")


class ServiceKeyQuerySet(VisibleQuerySet["ServiceKey"]):
    """Keys belong to an organisation through their account."""

    organization_path = "account__organization_id"


class ServiceKey(TimeStamped):
    """A secret of a service account: shown once; `key_id` recognises it.

    An API key is kept as keyed digest. A signing key must be worked with, so it is kept encrypted.
    """

    account = models.ForeignKey(
        ServiceAccount, models.CASCADE, related_name="keys", verbose_name=_("service account")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=KeyKind.choices, default=KeyKind.BEARER)
    key_id = models.CharField(_("key id"), max_length=20, unique=True)
    label = models.CharField(_("label"), max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    secret = EncryptedTextField(blank=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    objects = ServiceKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("service key")
        verbose_name_plural = _("service keys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.key_id


class ServiceNonce(models.Model):
    """A nonce that a signed request used; it is good once, in every process."""

    key = models.ForeignKey(ServiceKey, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_once")]

    def __str__(self) -> str:
        return self.nonce
