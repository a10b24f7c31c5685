"""What can be done to a variable from its page."""

from registry.admin.actions import ObjectAction

ACTIONS: tuple[ObjectAction, ...] = ()
