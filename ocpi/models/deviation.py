"""Where a partner does not keep to the specification: what it did, since when, how often."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner


class Sloppiness(models.TextChoices):
    """What peers do in spite of the specification; a partner's leniency profile has a switch for each."""

    TOKEN_FORM = "token_form", _("credentials token in the form of another version")
    MESSAGE_IDS = "message_ids", _("message ids are missing")
    ROUTING_HEADERS = "routing_headers", _("routing headers are missing")
    STATUS_200 = "status_200", _("HTTP 200 where 201 is meant")
    EXTRA_FIELDS = "extra_fields", _("fields that the specification does not know")
    MISSING_FIELDS = "missing_fields", _("required fields are missing")
    AUTHORIZE_UNDER_PARTY = "authorize_under_party", _("authorize below country code and party id")
    DELETE_BODY = "delete_body", _("an answer to DELETE without a body")
    LISTED_OBJECT = "listed_object", _("a list with one object where the object is meant")
    CALLBACK_FORM = "callback_form", _("a callback that is wrapped, or bare, where it should not be")


class DeviationQuerySet(VisibleQuerySet["Deviation"]):
    """Deviations belong to an organisation through their partner."""

    organization_path = "partner__organization_id"


class Deviation(models.Model):
    """One kind of sloppiness of one partner; `count` grows at most once a minute."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="deviations", verbose_name=_("partner"))
    kind = models.CharField(_("kind"), max_length=30, choices=Sloppiness.choices)
    detail = models.CharField(_("last seen"), max_length=255, blank=True)
    tolerated = models.BooleanField(_("tolerated"), default=True)
    count = models.PositiveIntegerField(_("minutes in which it was seen"), default=1)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen at"))

    objects = DeviationQuerySet.as_manager()

    class Meta:
        verbose_name = _("deviation")
        verbose_name_plural = _("deviations")
        ordering = ["-last_seen_at"]
        constraints = [models.UniqueConstraint(fields=["partner", "kind"], name="deviation_once")]

    def __str__(self) -> str:
        return f"{self.partner} {self.kind}"
