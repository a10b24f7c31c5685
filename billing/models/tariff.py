"""Tariffs, their immutable versions, and where each applies."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.immutable import refuse_change
from central.models import Connector, IdTokenGroup
from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models import ChargePoint, Organization, Party, Site


class Tariff(TimeStamped):
    """A tariff by name and OCPI id (CiString(36)); what it charges stands in its versions."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="tariffs", verbose_name=_("organisation")
    )
    tariff_id = models.CharField(_("OCPI id"), max_length=36)
    name = models.CharField(_("name"), max_length=100)

    objects = VisibleQuerySet["Tariff"].as_manager()

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "tariff_id"], name="tariff_id_once")]

    def __str__(self) -> str:
        return self.name


class TariffVersionQuerySet(VisibleQuerySet["TariffVersion"]):
    """Versions belong to an organisation through their tariff."""

    organization_path = "tariff__organization_id"


class TariffVersion(models.Model):
    """What a tariff charges from `valid_from` on: the OCPI structure (OCPI 2.2.1 §11.4), never edited.

    `tariff_type` is OCPI's TariffType, empty for all sessions; `tax_included` OCPI 2.3.0's, empty for NO.
    Of several valid versions the one that became valid last counts.
    """

    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="versions", verbose_name=_("tariff"))
    number = models.PositiveIntegerField(_("version"))
    currency = models.CharField(_("currency"), max_length=3)
    elements = models.JSONField(_("elements"))
    min_price = models.JSONField(_("minimum price"), null=True, blank=True)
    max_price = models.JSONField(_("maximum price"), null=True, blank=True)
    tariff_type = models.CharField(_("type"), max_length=20, blank=True)
    tax_included = models.CharField(_("prices include taxes"), max_length=3, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TariffVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("tariff version")
        verbose_name_plural = _("tariff versions")
        ordering = ["tariff", "-number"]
        constraints = [models.UniqueConstraint(fields=["tariff", "number"], name="tariff_version_once")]

    def __str__(self) -> str:
        return f"{self.tariff_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only once: sessions were priced by it (raises Conflict)."""
        refuse_change(self)
        super().save(*args, **kwargs)


NAMES = (
    "organization",
    "tariff",
    "site",
    "charge_point",
    "connector__evse",
    "connector__charge_point",
    "token_group",
    "party",
)
"""What words about an assignment need."""


class TariffAssignmentQuerySet(VisibleQuerySet["TariffAssignment"]):
    """Assignments of an organisation."""

    def with_names(self) -> Self:
        """With what words about them need."""
        return self.select_related(*NAMES)


class TariffAssignment(TimeStamped):
    """Where a tariff applies and for whom, from `valid_from` until before `valid_until`.

    Where: a connector, a charge point, a site, or all of the organisation where none is named. For whom: the
    tags of a group, those of a partner, or everybody where none is named. Which of several counts is said by
    billing.selectors.tariff_precedence. An assignment is ended, never deleted, so that past sessions can be
    worked out again.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="tariff_assignments", verbose_name=_("organisation")
    )
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="assignments", verbose_name=_("tariff"))
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, verbose_name=_("site"))
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, null=True, blank=True, verbose_name=_("charge point")
    )
    connector = models.ForeignKey(
        Connector, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("connector")
    )
    token_group = models.ForeignKey(
        IdTokenGroup, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("group of tags")
    )
    party = models.ForeignKey(
        Party, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("partner")
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    objects = TariffAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("tariff assignment")
        verbose_name_plural = _("tariff assignments")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(site=None, charge_point=None)
                | models.Q(site=None, connector=None)
                | models.Q(charge_point=None, connector=None),
                name="tariff_assigned_to_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(token_group=None) | models.Q(party=None),
                name="tariff_assigned_to_one_audience",
            ),
        ]

    def __str__(self) -> str:
        return str(self.tariff)
