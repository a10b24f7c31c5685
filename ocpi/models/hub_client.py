"""Parties behind a hub, as the hub tells of them (OCPI 2.2.1 §15)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner
from registry.models import Organization


class ConnectionStatus(models.TextChoices):
    """Whether a party can be reached through the hub."""

    CONNECTED = "CONNECTED", _("connected")
    OFFLINE = "OFFLINE", _("offline")
    PLANNED = "PLANNED", _("planned")
    SUSPENDED = "SUSPENDED", _("suspended")


class HubClient(models.Model):
    """One party in one role; `payload` is the ClientInfo as received. Never deleted."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="hub_clients", verbose_name=_("hub"))
    country_code = models.CharField(_("country code"), max_length=2)
    party_id = models.CharField(_("party id"), max_length=3)
    role = models.CharField(_("role"), max_length=10)
    status = models.CharField(_("status"), max_length=10, choices=ConnectionStatus.choices)
    payload = models.JSONField(_("object"))
    version = models.CharField(_("OCPI version"), max_length=8)
    received_at = models.DateTimeField(_("received"))
    last_updated = models.DateTimeField(_("last updated"))

    objects = VisibleQuerySet["HubClient"].as_manager()

    class Meta:
        verbose_name = _("party behind a hub")
        verbose_name_plural = _("parties behind hubs")
        ordering = ["country_code", "party_id", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "country_code", "party_id", "role"], name="hub_client_once"
            )
        ]
        indexes = [models.Index(fields=["organization", "status"])]

    def __str__(self) -> str:
        return f"{self.country_code}-{self.party_id}"
