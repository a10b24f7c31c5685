"""Customer information: what a charge point knows of a driver, asked for and kept for a while."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.job import Job


class CustomerInformation(Job):
    """A request for a driver's data, its removal, or both (2.x N09, N10), and the parts that came back.

    `parts` maps seqNo (as text) to the text of that part; `last_seq` is that of the part that ends it all.
    Personal data: on `delete_on` the parts and `subject` are wiped and `deleted_at` is set, the fact stays.
    """

    report = models.BooleanField(_("report"), default=True)
    clear = models.BooleanField(_("clear"), default=False)
    subject_kind = models.CharField(_("named by"), max_length=20, blank=True)
    subject = models.CharField(_("customer"), max_length=600, blank=True)
    parts: Any = models.JSONField(_("parts"), default=dict, blank=True)
    last_seq = models.BigIntegerField(_("last part"), null=True, blank=True)
    generated_at = models.DateTimeField(_("told at"), null=True, blank=True)
    delete_on = models.DateField(_("deleted on"))
    deleted_at = models.DateTimeField(_("was deleted"), null=True, blank=True)

    class Meta(Job.Meta):
        verbose_name = _("customer information")
        verbose_name_plural = _("customer information")
        indexes = [*Job.Meta.indexes, models.Index(fields=["deleted_at", "delete_on"])]

    def __str__(self) -> str:
        return f"{_('Customer information')} {self.request_id or ''}".strip()

    @property
    def missing(self) -> list[int]:
        """Sequence numbers below the highest known one that have not come."""
        known = {int(number) for number in self.parts}
        top = self.last_seq if self.last_seq is not None else max(known, default=-1)
        return [number for number in range(top + 1) if number not in known] if top < MOST_PARTS else []

    @property
    def text(self) -> str:
        """The parts that came, in order."""
        return "".join(self.parts[number] for number in sorted(self.parts, key=int))


MOST_PARTS = 5000
"""A report of more parts (2.5 MB) is cut."""
