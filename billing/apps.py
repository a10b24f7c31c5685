"""App configuration of billing."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Billing as Django knows it."""

    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Listen to central and answer its question for running costs."""
        from billing import receivers  # noqa: F401 -- importing connects the receivers
        from billing.services.running_cost import running_costs
        from central.ports import ports

        ports.running_cost = running_costs
