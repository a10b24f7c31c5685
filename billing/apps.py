"""App configuration of billing."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Billing as Django knows it."""

    name = "billing"
    verbose_name = _("Billing")
