"""The tariffs that an organisation may choose from."""

from collections.abc import Sequence

from billing.models import Tariff


def tariff_choices(organization_id: int) -> Sequence[tuple[str, str]]:
    """(OCPI id, name), by name."""
    return list(Tariff.objects.filter(organization=organization_id).values_list("tariff_id", "name"))
