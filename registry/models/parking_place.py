"""Parking places: where cars stand while they charge (OCPI 2.3.0 Parking)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.charge_point import ChargePoint
from registry.models.organization import Organization
from registry.models.site import Site


class Direction(models.TextChoices):
    """How a car stands to the road (OCPI ParkingDirection)."""

    PARALLEL = "PARALLEL", _("parallel")
    PERPENDICULAR = "PERPENDICULAR", _("perpendicular")
    ANGLE = "ANGLE", _("at an angle")


class Position(models.TextChoices):
    """Where the EVSE stands, seen from the car (OCPI EVSEPosition)."""

    LEFT = "LEFT", _("left")
    RIGHT = "RIGHT", _("right")
    CENTER = "CENTER", _("at the end")


def personal_vehicles() -> list[str]:
    """For whom a parking place is unless somebody says otherwise."""
    return ["PERSONAL_VEHICLE"]


class ParkingPlace(TimeStamped):
    """A place for a car: lengths in cm, weight in kg, time limit in minutes.

    It belongs to an EVSE (charge point and number), to all EVSEs of a charge point, or, without one, to all
    of the site. `vehicle_types` are words of OCPI's VehicleType.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="parking_places", verbose_name=_("organisation")
    )
    site = models.ForeignKey(Site, models.CASCADE, related_name="parking_places", verbose_name=_("site"))
    charge_point = models.ForeignKey(
        ChargePoint,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="parking_places",
        verbose_name=_("charge point"),
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), null=True, blank=True)
    position = models.CharField(_("EVSE stands"), max_length=6, choices=Position.choices, blank=True)
    reference = models.CharField(_("written there"), max_length=12, blank=True)
    vehicle_types = models.JSONField(_("for vehicles"), default=personal_vehicles)
    restricted_to_type = models.BooleanField(_("forbidden for others"), default=False)
    reservation_required = models.BooleanField(_("only with a reservation"), default=False)
    time_limit_min = models.PositiveIntegerField(_("time limit (min)"), null=True, blank=True)
    direction = models.CharField(_("direction"), max_length=13, choices=Direction.choices, blank=True)
    drive_through = models.BooleanField(_("drive through"), null=True, blank=True)
    roofed = models.BooleanField(_("roofed"), null=True, blank=True)
    lighting = models.BooleanField(_("lit"), null=True, blank=True)
    dangerous_goods_allowed = models.BooleanField(_("dangerous goods allowed"), null=True, blank=True)
    refrigeration_outlet = models.BooleanField(_("outlet for refrigeration"), null=True, blank=True)
    max_vehicle_weight_kg = models.PositiveIntegerField(_("most weight (kg)"), null=True, blank=True)
    max_vehicle_height_cm = models.PositiveIntegerField(_("most height (cm)"), null=True, blank=True)
    max_vehicle_length_cm = models.PositiveIntegerField(_("most length (cm)"), null=True, blank=True)
    max_vehicle_width_cm = models.PositiveIntegerField(_("most width (cm)"), null=True, blank=True)
    space_length_cm = models.PositiveIntegerField(_("length of the place (cm)"), null=True, blank=True)
    space_width_cm = models.PositiveIntegerField(_("width of the place (cm)"), null=True, blank=True)
    standards = models.JSONField(_("standards"), default=list, blank=True)

    objects = VisibleQuerySet["ParkingPlace"].as_manager()

    class Meta:
        verbose_name = _("parking place")
        verbose_name_plural = _("parking places")
        ordering = ["site", "reference", "id"]

    def __str__(self) -> str:
        return self.reference or f"{self.site} {self.pk}"
