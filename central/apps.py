"""App configuration of central."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CentralConfig(AppConfig):
    """Central as Django knows it."""

    name = "central"
    verbose_name = _("Central")
