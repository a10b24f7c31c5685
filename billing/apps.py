"""App configuration of billing."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Billing as Django knows it."""

    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        """Listen to central and answer its questions for costs and tariffs."""
        from billing import receivers  # noqa: F401 -- importing connects the receivers
        from billing.api import exports  # noqa: F401 -- importing registers the table
        from billing.selectors.tariff_choices import tariff_choices
        from billing.services.group_spend import group_corrected, group_spend
        from billing.services.price_steps import session_price_steps
        from billing.services.running_cost import running_costs, running_costs_moved
        from billing.services.tariff_offers import session_tariff, tariff_offer
        from central.ports import ports

        ports.running_cost = running_costs
        ports.running_cost_moved = running_costs_moved
        ports.group_spend = group_spend
        ports.group_corrected = group_corrected
        ports.tariff_offer = tariff_offer
        ports.price_steps = session_price_steps
        ports.session_tariff = session_tariff
        ports.tariff_choices = tariff_choices
