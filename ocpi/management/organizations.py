"""What the commands share."""

from django.core.management.base import CommandError

from registry.models import Organization


def organization_named(slug: str) -> Organization:
    """The organisation with this short name, or the default one; raises CommandError."""
    found = Organization.objects.filter(**({"slug": slug} if slug else {"is_default": True})).first()
    if found is None:
        raise CommandError("There is no such organisation.")
    return found
