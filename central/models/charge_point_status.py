"""What we hear of a charge point now: its connection, its boot, its engine's health."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class BootStatus(models.TextChoices):
    """The registration status that BootNotification was answered with."""

    UNKNOWN = "", _("not booted yet")
    ACCEPTED = "Accepted", _("accepted")
    PENDING = "Pending", _("pending")
    REJECTED = "Rejected", _("rejected")


class MonitorState(models.TextChoices):
    """What the charge point's monitor says of its engine: beside the OCPP state, it ends no session."""

    UNKNOWN = "", _("no monitor")
    HEALTHY = "HEALTHY", _("healthy")
    FAULT = "FAULT", _("fault")


class ChargePointStatus(models.Model):
    """The live side of a charge point; `connection_id` names the connection that owns it.

    A late close of an older connection changes nothing: it no longer matches. `last_seen` is any frame.
    """

    charge_point = models.OneToOneField(
        ChargePoint, models.CASCADE, primary_key=True, related_name="live", verbose_name=_("charge point")
    )
    connection_id = models.UUIDField(null=True, blank=True)
    connected_at = models.DateTimeField(_("connected"), null=True, blank=True)
    disconnected_at = models.DateTimeField(_("disconnected"), null=True, blank=True)
    last_seen = models.DateTimeField(_("last seen"), null=True, blank=True)
    remote_address = models.CharField(_("address"), max_length=64, blank=True)
    ocpp_version = models.CharField(_("protocol"), max_length=8, blank=True)
    boot_status = models.CharField(
        _("boot"), max_length=10, choices=BootStatus.choices, default=BootStatus.UNKNOWN, blank=True
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    booted_at = models.DateTimeField(_("booted"), null=True, blank=True)
    boot_reason = models.CharField(_("boot reason"), max_length=30, blank=True)
    vendor = models.CharField(_("vendor"), max_length=50, blank=True)
    model = models.CharField(_("model"), max_length=50, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=50, blank=True)
    firmware_version = models.CharField(_("firmware"), max_length=50, blank=True)
    boot_details = models.JSONField(_("boot details"), default=dict, blank=True)
    status = models.CharField(_("state of the whole"), max_length=20, blank=True)
    error_code = models.CharField(_("error"), max_length=30, blank=True)
    error_info = models.CharField(_("error text"), max_length=255, blank=True)
    status_at = models.DateTimeField(_("state since"), null=True, blank=True)
    engine_host = models.CharField(_("engine host"), max_length=255, blank=True)
    engine_port = models.PositiveIntegerField(_("engine port"), null=True, blank=True)
    monitor_state = models.CharField(
        _("monitor"), max_length=10, choices=MonitorState.choices, default=MonitorState.UNKNOWN, blank=True
    )
    monitor_reason = models.CharField(_("monitor's reason"), max_length=255, blank=True)
    monitor_at = models.DateTimeField(_("monitor's report"), null=True, blank=True)

    objects = ChargePointQuerySet["ChargePointStatus"].as_manager()

    class Meta:
        verbose_name = _("charge point state")
        verbose_name_plural = _("charge point states")
        indexes = [models.Index(fields=["connection_id"])]

    def __str__(self) -> str:
        return str(self.charge_point_id)

    @property
    def is_online(self) -> bool:
        """True while a connection owns the charge point."""
        return self.connection_id is not None
