"""Who belongs to a group of charge points, and which groups a charge point belongs to: hand or rule."""

from collections.abc import Collection

from django.db.models import CharField, F, Q, QuerySet, Value

from central.models import ChargePointStatus
from registry.models import ChargePoint, ChargePointGroup


def members_of(group: ChargePointGroup) -> QuerySet[ChargePoint]:
    """The charge points of a group as it is now."""
    belongs = Q(pk__in=group.members.values("pk"))
    if group.has_rule:
        belongs |= _fits(group)
    return ChargePoint.objects.filter(belongs, organization_id=group.organization_id)


def _fits(group: ChargePointGroup) -> Q:
    fits = Q()
    if group.rule_site_id:
        fits &= Q(site_id=group.rule_site_id)
    if group.rule_vendor:
        fits &= Q(live__vendor__iexact=group.rule_vendor)
    if group.rule_model:
        fits &= Q(live__model__iexact=group.rule_model)
    if group.rule_firmware:
        fits &= Q(live__firmware_version__istartswith=group.rule_firmware)
    return fits


def members_among(group_ids: Collection[int], charge_point_ids: Collection[int]) -> dict[int, set[int]]:
    """Which of these charge points each of the groups has now: two statements a group."""
    groups = ChargePointGroup.objects.filter(pk__in=group_ids)
    return {
        group.pk: set(members_of(group).filter(pk__in=charge_point_ids).values_list("pk", flat=True))
        for group in groups
    }


def groups_of(charge_point: ChargePoint) -> QuerySet[ChargePointGroup]:
    """The groups that a charge point belongs to now, in two statements."""
    live = ChargePointStatus.objects.filter(charge_point_id=charge_point.pk).first()
    vendor, model, firmware = (live.vendor, live.model, live.firmware_version) if live else ("", "", "")
    empty = Q(rule_site=None) & Q(rule_vendor="") & Q(rule_model="") & Q(rule_firmware="")
    fits = (
        ~empty
        & (Q(rule_site=None) | Q(rule_site_id=charge_point.site_id))
        & (Q(rule_vendor="") | Q(rule_vendor__iexact=vendor))
        & (Q(rule_model="") | Q(rule_model__iexact=model))
        & (Q(rule_firmware="") | Q(reported_firmware__istartswith=F("rule_firmware")))
    )
    by_hand = ChargePointGroup.members.through.objects.filter(chargepoint_id=charge_point.pk)
    return ChargePointGroup.objects.annotate(
        reported_firmware=Value(firmware, output_field=CharField())
    ).filter(
        fits | Q(pk__in=by_hand.values("chargepointgroup_id")), organization_id=charge_point.organization_id
    )
