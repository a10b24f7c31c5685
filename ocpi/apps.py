"""App configuration of ocpi."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OcpiConfig(AppConfig):
    """OCPI as Django knows it: every module below ocpi/modules announces itself at start."""

    name = "ocpi"
    verbose_name = _("OCPI")

    def ready(self) -> None:
        """Find the modules, listen to the rooms below and answer their questions."""
        from billing.ports import ports
        from central.ports import ports as central_ports
        from emobility.lib.discovery import import_all
        from ocpi import receivers  # noqa: F401 -- importing connects the receivers
        from ocpi.selectors.cdr_deliveries import cdr_deliveries
        from ocpi.services.authorizations import provider_answer

        import_all("ocpi.modules")
        import_all("ocpi.api.resources")
        central_ports.provider_answer = provider_answer
        ports.cdr_deliveries = cdr_deliveries
