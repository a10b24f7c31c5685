"""App configuration of ocpi."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OcpiConfig(AppConfig):
    """OCPI as Django knows it: every module below ocpi/modules announces itself at start."""

    name = "ocpi"
    verbose_name = _("OCPI")

    def ready(self) -> None:
        """Find the modules and listen to the rooms below."""
        from importlib import import_module

        from emobility.lib.discovery import import_all

        import_all("ocpi.modules")
        import_module("ocpi.receivers")
