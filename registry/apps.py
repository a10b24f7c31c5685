"""App configuration of registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    """Registry as Django knows it."""

    name = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """Register what can be exported, and listen to places."""
        from registry import receivers  # noqa: F401 -- importing connects the receivers
        from registry.api import audit_export  # noqa: F401 -- importing registers the table
