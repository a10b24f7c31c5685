"""The device model: what a charge point says of itself, variable by variable (2.x part 1 §4; 1.6 §9)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint

KEY_LIMIT: Final = 500


class Placed(models.Model):
    """A variable's place: its component and its own name; `component` is empty for a key of OCPP 1.6.

    EVSE and connector 0 mean the whole charge point, or the whole EVSE. `key` is the place in one text
    without regard to case, as OCPP compares names.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="%(class)ss", verbose_name=_("charge point")
    )
    component = models.CharField(_("component"), max_length=50, blank=True)
    component_instance = models.CharField(_("instance of the component"), max_length=50, blank=True)
    evse_number = models.BigIntegerField(_("EVSE"), default=0)
    connector_number = models.BigIntegerField(_("connector"), default=0)
    variable = models.CharField(_("variable"), max_length=50, blank=True)
    variable_instance = models.CharField(_("instance of the variable"), max_length=50, blank=True)
    key = models.CharField(max_length=KEY_LIMIT, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """The place as people write it: `1/2:Connector[x].Available[y]`; of 1.6 the key alone."""
        place = str(self.evse_number) if self.evse_number else ""
        place += f"/{self.connector_number}" if self.connector_number else ""
        owner = self.component + (f"[{self.component_instance}]" if self.component_instance else "")
        name = self.variable + (f"[{self.variable_instance}]" if self.variable_instance else "")
        return (f"{place}:" if place else "") + ".".join(part for part in (owner, name) if part)


class Source(models.TextChoices):
    """How we know a value."""

    REPORT = "report", _("report")
    READ = "read", _("read by an order")
    SET = "set", _("set by an order")
    EVENT = "event", _("event")


class Variable(Placed):
    """One variable with its characteristics and attributes.

    `attributes` holds by type (Actual, Target, MinSet, MaxSet) what was told of each: value, mutability,
    persistent, constant, changed_at, told_at, source. `value` and `mutability` repeat those of Actual, for
    lists and filters. Values of secrets are never kept. `word` is the charge point's latest refusal
    (UnknownVariable, Rejected ...), empty after the next success; `reboot_since` is set while an accepted
    value waits for a restart, `unnamed_since` while the newest full report does not name it (2.x B07).
    """

    value = models.TextField(_("value"), blank=True)
    mutability = models.CharField(_("mutability"), max_length=10, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    data_type = models.CharField(_("type"), max_length=20, blank=True)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    min_limit = models.FloatField(_("lowest"), null=True, blank=True)
    max_limit = models.FloatField(_("highest"), null=True, blank=True)
    max_elements = models.BigIntegerField(_("most elements"), null=True, blank=True)
    values_list = models.TextField(_("allowed values"), blank=True)
    supports_monitoring = models.BooleanField(_("can be monitored"), null=True, blank=True)
    source = models.CharField(_("known from"), max_length=6, choices=Source.choices, blank=True)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    reboot_since = models.DateTimeField(_("waits for a restart since"), null=True, blank=True)
    unnamed_since = models.DateTimeField(_("not in the newest full report since"), null=True, blank=True)
    word = models.CharField(_("refused with"), max_length=30, blank=True)
    word_at = models.DateTimeField(_("refused"), null=True, blank=True)

    objects = ChargePointQuerySet["Variable"].as_manager()

    class Meta:
        verbose_name = _("variable")
        verbose_name_plural = _("variables")
        ordering = ["charge_point", "key"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "key"], name="variable_once")]
        indexes = [models.Index(fields=["component", "variable"])]

    @property
    def read_only(self) -> bool:
        """True where the charge point said that nobody can change it."""
        return self.mutability == "ReadOnly"

    @property
    def choices(self) -> list[str]:
        """The values that an OptionList, MemberList or SequenceList allows."""
        return [each.strip() for each in self.values_list.split(",") if each.strip()]
