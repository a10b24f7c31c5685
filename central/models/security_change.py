"""Changes of how a charge point proves itself: a new password, a higher security profile."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class RotationState(models.TextChoices):
    """How far a rotation is; the last three are final."""

    QUEUED = "queued", _("waits to be sent")
    OPEN = "open", _("both passwords are good until one is used")
    ACCEPTED = "accepted", _("taken; only the new one is good")
    PROVED = "proved", _("the new one was used")
    KEPT_OLD = "kept_old", _("the old one stays")
    DROPPED = "dropped", _("never sent")


class PasswordRotation(models.Model):
    """A new password on its way; of the password itself only the salted hash is ever stored."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="password_rotations", verbose_name=_("charge point")
    )
    command = models.OneToOneField(
        Command, models.CASCADE, related_name="password_rotation", verbose_name=_("command")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=RotationState.choices, default=RotationState.QUEUED
    )
    candidate_hash = models.CharField(max_length=120, blank=True, editable=False)
    needs_reboot = models.BooleanField(_("takes effect after a reboot"), default=False)
    answered = models.CharField(_("answered"), max_length=30, blank=True)
    created_at = models.DateTimeField(_("asked"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = ChargePointQuerySet["PasswordRotation"].as_manager()

    class Meta:
        verbose_name = _("password rotation")
        verbose_name_plural = _("password rotations")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "state"])]

    def __str__(self) -> str:
        return str(self.get_state_display())


class UpgradeState(models.TextChoices):
    """How far a move to a higher security profile is; the last three are final."""

    ASKED = "asked", _("asked of the charge point")
    STORED = "stored", _("the connection profile is stored")
    CHOSEN = "chosen", _("taken; it reconnects after a restart")
    DONE = "done", _("done: it connected with the new profile")
    REFUSED = "refused", _("refused by the charge point")
    CANCELLED = "cancelled", _("given up")


class SecurityUpgrade(models.Model):
    """A move of a charge point to a higher security profile, step by step (A05)."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="security_upgrades", verbose_name=_("charge point")
    )
    from_profile = models.PositiveSmallIntegerField(_("from"))
    to_profile = models.PositiveSmallIntegerField(_("to"))
    state = models.CharField(
        _("state"), max_length=10, choices=UpgradeState.choices, default=UpgradeState.ASKED
    )
    slot = models.PositiveSmallIntegerField(_("connection profile"), null=True, blank=True)
    url = models.CharField(_("address"), max_length=512, blank=True)
    restart = models.BooleanField(_("restart when idle"), default=False)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, related_name="+", verbose_name=_("last command")
    )
    reason = models.CharField(_("why it ended"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("asked"))
    changed_at = models.DateTimeField(_("changed"))

    objects = ChargePointQuerySet["SecurityUpgrade"].as_manager()

    class Meta:
        verbose_name = _("security profile upgrade")
        verbose_name_plural = _("security profile upgrades")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "state"])]

    def __str__(self) -> str:
        return f"{self.from_profile} → {self.to_profile}"
