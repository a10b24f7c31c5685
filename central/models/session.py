"""Sessions: the ledger of what was charged, one row for each transaction of a charge point."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.id_token import IdToken, IdTokenGroup
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization, Site


class SessionState(models.TextChoices):
    """Where a session is in its life."""

    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")


class SessionQuerySet(VisibleQuerySet["Session"]):
    """Sessions; a host sees those at the own sites."""

    site_path = "charge_point__site_id"


class Session(models.Model):
    """One charging session: energy in Wh, power in W; `*_at` is the charge point's time.

    `*_received_at` is ours. `transaction_id` is the charge point's handle (1.6: our random 31-bit number as
    text) and is looked up only within its charge point. `start_key` recognises a repeated start by content.
    `token_group` is the group of the tag when it was shown. `charging_preference` is what the driver wants
    (ChargingPreference), empty for nothing special.
    What does not add up sets `needs_review` with its reasons; such a session is kept, never dropped and never
    billed unseen. `flags` tell what is worth knowing (a clock that is off, a stop that was matched by time)
    and stop nothing.
    An end that the charge point did not report is `provisional_end`: a later stop or meter value replaces it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="sessions", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.PROTECT, related_name="sessions", verbose_name=_("charge point")
    )
    site = models.ForeignKey(Site, models.SET_NULL, null=True, blank=True, verbose_name=_("site"))
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    connector_number = models.PositiveIntegerField(_("connector"), default=0)
    ocpp_version = models.CharField(_("protocol"), max_length=8)
    transaction_id = models.CharField(_("transaction"), max_length=36)
    start_key = models.CharField(max_length=255, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=SessionState.choices, default=SessionState.ACTIVE
    )
    charging_state = models.CharField(_("charging state"), max_length=20, blank=True)
    charging_preference = models.CharField(
        _("driver's preference"), max_length=8, blank=True, default="", db_default=""
    )
    id_token = models.ForeignKey(
        IdToken, models.SET_NULL, null=True, blank=True, related_name="sessions", verbose_name=_("id token")
    )
    token_group = models.ForeignKey(
        IdTokenGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="sessions",
        verbose_name=_("group of the tag"),
    )
    id_tag = models.CharField(_("tag"), max_length=255, blank=True)
    id_tag_type = models.CharField(_("type of tag"), max_length=20, blank=True)
    authorization_status = models.CharField(_("authorisation"), max_length=20, blank=True)
    authorization_reference = models.CharField(_("authorisation reference"), max_length=36, blank=True)
    remote_start_id = models.BigIntegerField(_("remote start"), null=True, blank=True)
    reservation_id = models.BigIntegerField(_("reservation"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"))
    start_received_at = models.DateTimeField(_("start received"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_received_at = models.DateTimeField(_("end received"), null=True, blank=True)
    meter_start_wh = models.BigIntegerField(_("meter at start (Wh)"), null=True, blank=True)
    meter_last_wh = models.BigIntegerField(_("meter, latest (Wh)"), null=True, blank=True)
    meter_last_at = models.DateTimeField(_("latest meter value"), null=True, blank=True)
    meter_stop_wh = models.BigIntegerField(_("meter at end (Wh)"), null=True, blank=True)
    energy_wh = models.BigIntegerField(_("energy (Wh)"), default=0)
    power_w = models.IntegerField(_("power (W)"), null=True, blank=True)
    state_of_charge = models.PositiveSmallIntegerField(_("state of charge (%)"), null=True, blank=True)
    last_seq_no = models.BigIntegerField(_("latest sequence number"), null=True, blank=True)
    end_seq_no = models.BigIntegerField(_("last sequence number"), null=True, blank=True)
    stop_reason = models.CharField(_("reason of the end"), max_length=40, blank=True)
    stop_id_tag = models.CharField(_("tag at the end"), max_length=255, blank=True)
    provisional_end = models.BooleanField(_("provisional end"), default=False)
    needs_review = models.BooleanField(_("needs review"), default=False)
    review_reasons = models.JSONField(_("reasons for review"), default=list, blank=True)
    flags = models.JSONField(_("remarks"), default=list, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "transaction_id"], name="transaction_once"),
            models.UniqueConstraint(fields=["charge_point", "start_key"], name="session_start_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "-started_at"]),
            models.Index(fields=["charge_point", "state"]),
            models.Index(fields=["charge_point", "-started_at"]),
            models.Index(
                fields=["organization", "-id"],
                name="session_review",
                condition=models.Q(needs_review=True),
            ),
            models.Index(fields=["id_token", "state"]),
            models.Index(fields=["state", "ended_at"]),
            models.Index(
                fields=["token_group", "started_at"],
                name="session_of_group",
                condition=models.Q(token_group__isnull=False),
            ),
            models.Index(fields=["organization", "updated_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id}"
