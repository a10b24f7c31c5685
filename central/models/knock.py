"""Who knocked at the OCPP endpoint and was not let in: unknown ids, and refusals of known ones."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint, Organization
from registry.rights import Right, may


class KnockQuerySet(models.QuerySet["Knock"]):
    """Knocks belong to nobody: an id says nothing of whose it is."""

    def visible_to(self, actor: Any) -> Self:
        """All for the platform's administrators; where there is one organisation only, for those who enrol.

        With several organisations one would learn the ids and addresses of another's charge points.
        """
        return self if knocks_shown_to(actor) else self.none()


def knocks_shown_to(actor: Any) -> bool:
    """Whether somebody may learn who knocks: see `KnockQuerySet.visible_to`."""
    if getattr(actor, "sees_all", False) and getattr(actor, "is_active", True):
        return True
    return may(actor, Right.ENROL) and len(Organization.objects.values_list("pk")[:2]) == 1


class Knock(models.Model):
    """An id that nobody registered, as it knocked last; `user_fits`: its user name was the id."""

    cp_id = models.CharField(_("charge point id"), max_length=48, unique=True)
    address = models.CharField(_("address"), max_length=64)
    offered = models.CharField(_("offered subprotocols"), max_length=200, blank=True)
    user_fits = models.BooleanField(_("user name is the id"), null=True, blank=True)
    secure = models.BooleanField(_("with TLS"), default=False)
    first_seen = models.DateTimeField(_("first"))
    last_seen = models.DateTimeField(_("last"))
    count = models.PositiveIntegerField(_("times"), default=1)

    objects = KnockQuerySet.as_manager()

    class Meta:
        verbose_name = _("unknown charge point")
        verbose_name_plural = _("unknown charge points")
        ordering = ["-id"]
        indexes = [models.Index(fields=["last_seen"]), models.Index(fields=["address"])]

    def __str__(self) -> str:
        return self.cp_id


class RefusalReason(models.TextChoices):
    """Why a known charge point was not let in."""

    WRONG_PASSWORD = "wrong_password", _("wrong password")
    NO_PASSWORD = "no_password", _("no password")
    WRONG_USER = "wrong_user", _("the user name is not the id")
    WRONG_TOKEN = "wrong_token", _("a token that is not its own")
    BAD_CERTIFICATE = "bad_certificate", _("a client certificate that is not its own")
    NO_TLS = "no_tls", _("without TLS")
    LOWER_PROFILE = "lower_profile", _("a lower security profile than agreed")
    DEREGISTERED = "deregistered", _("it is deregistered")
    TOO_OFTEN = "too_often", _("too many wrong tries, it has to wait")
    NO_VERSION = "no_version", _("no OCPP version in common")


class Refusal(models.Model):
    """A known charge point that was refused for a reason; `count` since `hour_at`, at most an hour long."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="refusals", verbose_name=_("charge point")
    )
    reason = models.CharField(_("reason"), max_length=16, choices=RefusalReason.choices)
    address = models.CharField(_("address"), max_length=64)
    offered = models.CharField(_("offered subprotocols"), max_length=200, blank=True)
    secure = models.BooleanField(_("with TLS"), default=False)
    count = models.PositiveIntegerField(_("times in an hour"), default=1)
    hour_at = models.DateTimeField(_("counted since"))
    total = models.PositiveIntegerField(_("times"), default=1)
    last_seen = models.DateTimeField(_("last"))

    objects = ChargePointQuerySet["Refusal"].as_manager()

    class Meta:
        verbose_name = _("refused connection")
        verbose_name_plural = _("refused connections")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "reason"], name="refusal_once")]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.reason}"
