"""What partners may know of our places and prices: each object as it is told, and since when it is so."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from registry.models import Organization


class Published(models.Model):
    """A location or tariff of ours as an object of OCPI 2.3.0; other versions are converted from it.

    `last_updated` moves only when the content changes, and so does that of each EVSE and connector inside.
    `marks` says since when a location's own fields are as they are, and by EVSE uid since when all but the
    status is: `{"own": time, "evses": {uid: time}}`. A removed object stays, so that its removal can be told.
    `checked_at` is when it was last compared with our rows.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    module = models.CharField(_("module"), max_length=30)
    object_id = models.CharField(_("object"), max_length=36)
    payload = models.JSONField(_("object as told"))
    marks: Any = models.JSONField(default=dict, editable=False)
    is_public = models.BooleanField(_("may be shown"), default=True)
    created_at = models.DateTimeField(_("made"))
    last_updated = models.DateTimeField(_("last updated"))
    checked_at = models.DateTimeField(_("checked"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = VisibleQuerySet["Published"].as_manager()

    class Meta:
        verbose_name = _("object for partners")
        verbose_name_plural = _("objects for partners")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "module", "object_id"], name="published_once")
        ]
        indexes = [models.Index(fields=["organization", "module", "last_updated"])]

    def __str__(self) -> str:
        return self.object_id
