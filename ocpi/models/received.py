"""What partners sent us: locations, tariffs, sessions and CDRs, word for word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner
from registry.models import Organization


class ReceivedObject(models.Model):
    """An object of a partner: its owner (upper case), its id and its payload as received.

    `object_key` is the id in upper case: ids are compared without case and echoed as they came. `version` is
    the OCPI version of the payload. `received_at` moves with each time that the partner told it.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    country_code = models.CharField(_("country code"), max_length=2)
    party_id = models.CharField(_("party id"), max_length=3)
    object_id = models.CharField(_("id"), max_length=39)
    object_key = models.CharField(max_length=39, editable=False)
    payload = models.JSONField(_("object"))
    version = models.CharField(_("OCPI version"), max_length=8, default="2.2.1")
    received_at = models.DateTimeField(_("received"))
    last_updated = models.DateTimeField(_("last updated"))

    objects = VisibleQuerySet["ReceivedObject"].as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.object_id


class ReceivedSession(ReceivedObject):
    """A session of one of our drivers at a partner's charge point."""

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's session")
        verbose_name_plural = _("partners' sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key"],
                name="received_session_once",
            )
        ]


class ReceivedCdr(ReceivedObject):
    """A CDR of one of our drivers at a partner's charge point: immutable once received."""

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's CDR")
        verbose_name_plural = _("partners' CDRs")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key"], name="received_cdr_once"
            )
        ]


class ReceivedLocation(ReceivedObject):
    """A location of a partner; the columns repeat the payload for search and map.

    `is_public` is `publish` (true in 2.1.1, which knows no other); `removed_at` is set where a full sync no
    longer showed it. Coordinates are None where the payload has none that can be read.
    """

    name = models.CharField(_("name"), max_length=255, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    city = models.CharField(_("city"), max_length=45, blank=True)
    country = models.CharField(_("country"), max_length=3, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    is_public = models.BooleanField(_("may be shown"), default=True)
    evse_count = models.PositiveIntegerField(_("EVSEs"), default=0)
    free_count = models.PositiveIntegerField(_("free"), default=0)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's location")
        verbose_name_plural = _("partners' locations")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key"],
                name="received_location_once",
            )
        ]
        indexes = [models.Index(fields=["organization", "latitude", "longitude"])]


class ReceivedTariff(ReceivedObject):
    """A tariff of a partner as it is now; `removed_at` is set where the partner deleted it."""

    currency = models.CharField(_("currency"), max_length=3, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's tariff")
        verbose_name_plural = _("partners' tariffs")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key"],
                name="received_tariff_once",
            )
        ]


class ReceivedTariffVersionQuerySet(VisibleQuerySet["ReceivedTariffVersion"]):
    """Versions belong to an organisation through their tariff."""

    organization_path = "tariff__organization_id"


class ReceivedTariffVersion(models.Model):
    """What a partner's tariff said from `last_updated` on: CDRs are checked against what was then."""

    tariff = models.ForeignKey(
        ReceivedTariff, models.CASCADE, related_name="versions", verbose_name=_("tariff")
    )
    payload = models.JSONField(_("object"))
    version = models.CharField(_("OCPI version"), max_length=8)
    last_updated = models.DateTimeField(_("last updated"))
    received_at = models.DateTimeField(_("received"))

    objects = ReceivedTariffVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a partner's tariff")
        verbose_name_plural = _("versions of partners' tariffs")
        ordering = ["-id"]
        indexes = [models.Index(fields=["tariff", "-last_updated"])]

    def __str__(self) -> str:
        return f"{self.last_updated:%Y-%m-%d %H:%M}"
