"""Clear cache: the charge point forgets which tags it let charge before (1.6 §5.4, 2.x C11)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import command, order
from registry.rights import Right

order(
    "clear_cache",
    _("Clear the cache of tags"),
    explain=_("Makes the charge point ask again for each tag that it has let charge before."),
    group="authorisation",
    icon="mop",
    right=Right.SERVICE,
)


@command("clear_cache")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request: empty in all versions."""
    return "ClearCache", {}
