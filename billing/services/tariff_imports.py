"""Tariffs from outside: an OCPI Tariff becomes a tariff, or a new version of the one with its id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Tariff, TariffVersion
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import TariffStructure, elements_json, limit_json
from billing.services.tariffs import tariff_create, tariff_version_create
from emobility.lib.errors import Invalid
from registry.models import Organization, User
from registry.services.audit import audit_record


def tariff_import(
    *, organization: Organization, data: Mapping[str, Any], name: str = "", actor: User, now: datetime
) -> TariffVersion:
    """Take over an OCPI Tariff (2.1.1, 2.2.1, 2.3.0); country and party are those of the organisation.

    It is in force nowhere until somebody puts it there; a start in the past counts from now. Raises Invalid
    with the fields named.
    """
    structure = tariff_parse(data)
    tariff_id = data.get("id")
    if not isinstance(tariff_id, str) or not tariff_id:
        raise Invalid(_("The tariff cannot be used."), fields={"id": _("1 to 36 characters are needed.")})
    fields = _fields(structure, now)
    with transaction.atomic():
        tariff = Tariff.objects.filter(organization=organization, tariff_id__iexact=tariff_id).first()
        if tariff is None:
            label = name or _text(data) or tariff_id
            tariff = tariff_create(organization=organization, tariff_id=tariff_id, name=label, **fields)
        else:
            tariff_version_create(tariff=tariff, **fields)
        version = tariff.versions.select_related("tariff__organization").order_by("-number")[0]
        audit_record(
            actor=actor,
            action="tariff.imported",
            organization_id=organization.pk,
            object_type="tariff",
            object_id=str(tariff.pk),
            after={"name": tariff.name, "number": version.number},
            now=now,
        )
    return version


def _fields(structure: TariffStructure, now: datetime) -> dict[str, Any]:
    start = structure.valid_from
    return {
        "currency": structure.currency,
        "elements": elements_json(structure),
        "min_price": limit_json(structure.min_price),
        "max_price": limit_json(structure.max_price),
        "tariff_type": structure.kind or "",
        "tax_included": structure.tax_included,
        "valid_from": start if start is not None and start > now else None,
        "valid_until": structure.valid_until,
        "now": now,
    }


def _text(data: Mapping[str, Any]) -> str:
    """The first text that the tariff has for people."""
    texts = data.get("tariff_alt_text")
    first = texts[0] if isinstance(texts, list) and texts else None
    text = first.get("text") if isinstance(first, Mapping) else None
    return text[:100] if isinstance(text, str) else ""
