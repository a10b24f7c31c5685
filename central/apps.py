"""App configuration of central."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class CentralConfig(AppConfig):
    """Central as Django knows it."""

    name = "central"
    verbose_name = _("Central")

    def ready(self) -> None:
        """Connect the receivers and fill the tables of OCPP actions and orders."""
        from central import (  # noqa: F401 -- importing connects
            receivers,
            receivers_charging,
            receivers_configuration,
            receivers_costs,
            receivers_devices,
            receivers_knocks,
            receivers_metrics,
            receivers_tokens,
        )
        from central.api import exports  # noqa: F401 -- importing registers the tables
        from central.consumers import dashboard_feed  # noqa: F401 -- importing connects
        from central.ocpp.router import discover
        from central.ports import ports
        from central.selectors.groups import members_among
        from central.services.plug_and_charge_requests import contract_status
        from registry.ports import ports as registry_ports

        ports.contract_status = contract_status
        registry_ports.group_members = members_among
        discover()
        if settings.OCPP_VAT_CHECKER:
            ports.vat_check = import_string(settings.OCPP_VAT_CHECKER)
