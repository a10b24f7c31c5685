"""Tariffs as central tells them to charge points and drivers: it asks by port, billing answers."""

from datetime import datetime

from billing.models import SessionRating, TariffVersion
from billing.selectors.tariff_precedence import Asked
from billing.selectors.tariffs_in_force import tariff_at, valid_version
from billing.services.summaries import tariff_summary
from billing.services.tariffs import version_ocpi, version_structure
from central.models import IdToken
from central.ports import TariffOffer
from registry.models import ChargePoint


def tariff_offer(
    *, charge_point_id: int, tariff_id: str, at: datetime, id_token_id: int | None = None
) -> TariffOffer | None:
    """The version valid at a time: of the tariff of that OCPI id, or of the one in force there ('').

    In force for whom: for a tag, or for somebody without an agreement.
    """
    charge_point = ChargePoint.objects.get(pk=charge_point_id)
    if tariff_id:
        versions = TariffVersion.objects.select_related("tariff__organization").filter(
            tariff__organization=charge_point.organization_id, tariff__tariff_id=tariff_id
        )
        version = valid_version(versions, at)
    else:
        # A session that began there at that time would be priced by it.
        token = IdToken.objects.filter(pk=id_token_id).first() if id_token_id is not None else None
        version = tariff_at(
            Asked(
                charge_point.organization_id,
                at,
                charge_point.pk,
                site_id=charge_point.site_id,
                token_group_id=token.group_id if token is not None else None,
                party_id=token.party_id if token is not None else None,
            )
        )
    return _offer(version)


def session_tariff(session_id: int) -> TariffOffer | None:
    """The tariff that a session is priced by; None where it has none, or nobody asked for its price yet."""
    ratings = SessionRating.objects.select_related("tariff_version__tariff__organization")
    rating = ratings.filter(session=session_id).first()
    return _offer(rating.tariff_version) if rating is not None else None


def _offer(version: TariffVersion | None) -> TariffOffer | None:
    if version is None:
        return None
    return TariffOffer(
        tariff_id=version.tariff.tariff_id,
        version=version.number,
        name=version.tariff.name,
        text=tariff_summary(version_structure(version)),
        currency=version.currency,
        ocpi=version_ocpi(version),
    )
