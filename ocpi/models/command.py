"""Commands over OCPI: what partners ordered of us, and what we ordered of partners (OCPI 2.2.1 §13, §14)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models import Command, Reservation, Session
from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner
from registry.models import Organization

ACCEPTED = "ACCEPTED"


class PartnerCommand(models.Model):
    """What both directions have: `kind` is the CommandType, or what is asked of a charging profile.

    `payload` is the body as it came or went, `response` the immediate answer (empty: none came), `result` the
    word of the later one, `result_body` all of it. Without a result at `deadline_at` it is TIMEOUT.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", verbose_name=_("partner"))
    module = models.CharField(_("module"), max_length=20, default="commands")
    kind = models.CharField(_("command"), max_length=30)
    version = models.CharField(_("OCPI version"), max_length=8)
    payload = models.JSONField(_("command in full"), default=dict)
    response = models.CharField(_("answer"), max_length=30, blank=True)
    result = models.CharField(_("result"), max_length=30, blank=True)
    result_body = models.JSONField(_("result in full"), null=True, blank=True)
    message = models.CharField(_("why"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("asked"))
    deadline_at = models.DateTimeField(_("until"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = VisibleQuerySet["PartnerCommand"].as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def waits(self) -> bool:
        """True while the result is still to come."""
        return self.response == ACCEPTED and not self.result


class ReceivedCommand(PartnerCommand):
    """A partner's command and the order to a charge point that it became.

    `reservation_key` is the partner's reservation id in upper case: unique for that partner alone, so the
    charge point gets the number of our own `reservation`.
    """

    response_url = models.CharField(_("where the result goes"), max_length=255, blank=True)
    reservation_key = models.CharField(_("reservation at the partner"), max_length=36, blank=True)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("order")
    )
    session = models.ForeignKey(
        Session, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("session")
    )
    reservation = models.ForeignKey(
        Reservation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reservation")
    )

    class Meta(PartnerCommand.Meta):
        verbose_name = _("partner's command")
        verbose_name_plural = _("partners' commands")
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["partner", "kind", "reservation_key"]),
            models.Index(fields=["result", "deadline_at"]),
        ]


class SentCommand(PartnerCommand):
    """A command of ours to a partner; `handle` is the unguessable end of its `response_url`."""

    handle = models.CharField(max_length=43, unique=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )

    class Meta(PartnerCommand.Meta):
        verbose_name = _("command to a partner")
        verbose_name_plural = _("commands to partners")
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["result", "deadline_at"]),
        ]
