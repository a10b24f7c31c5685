"""App configuration of ocpi."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OcpiConfig(AppConfig):
    """OCPI as Django knows it."""

    name = "ocpi"
    verbose_name = _("OCPI")
