"""Sites: where charge points stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.organization import Organization


class Visibility(models.TextChoices):
    """Who may know of a site: apps of partners, partners but not their apps, or nobody outside."""

    PUBLIC = "public", _("shown in partners' apps")
    HIDDEN = "hidden", _("known to partners, not shown")
    PRIVATE = "private", _("not told to partners")


class ParkingType(models.TextChoices):
    """How cars are parked there (OCPI ParkingType)."""

    ALONG_MOTORWAY = "ALONG_MOTORWAY", _("along a motorway")
    ON_DRIVEWAY = "ON_DRIVEWAY", _("on a driveway")
    ON_STREET = "ON_STREET", _("on the street")
    PARKING_GARAGE = "PARKING_GARAGE", _("parking garage")
    PARKING_LOT = "PARKING_LOT", _("parking lot")
    UNDERGROUND_GARAGE = "UNDERGROUND_GARAGE", _("underground garage")


class SiteQuerySet(VisibleQuerySet["Site"]):
    """Sites; a host sees the own ones."""

    site_path = "id"


class Site(TimeStamped):
    """A place with an address, a time zone and charge points (an OCPI Location).

    `opening_hours` is text as registry.services.opening_hours reads it, empty where nobody knows them;
    `facilities` are words of OCPI's Facility.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="sites", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=100, blank=True)
    city = models.CharField(_("city"), max_length=45, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    country = models.CharField(_("country (ISO 3166 alpha-3)"), max_length=3, default="DEU")
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=7, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=10, decimal_places=7, null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")

    state = models.CharField(_("state or province"), max_length=45, blank=True)
    visibility = models.CharField(
        _("roaming"), max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    parking_type = models.CharField(_("parking"), max_length=20, choices=ParkingType.choices, blank=True)
    facilities = models.JSONField(_("facilities"), default=list, blank=True)
    opening_hours = models.TextField(_("opening hours"), blank=True)
    charging_when_closed = models.BooleanField(_("charging goes on when closed"), null=True, blank=True)
    help_phone = models.CharField(_("phone for drivers"), max_length=25, blank=True)
    directions = models.CharField(_("how to get there"), max_length=512, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
