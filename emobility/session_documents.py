"""What became of sessions in the rooms above central: their CDRs, and where these went."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.models import Cdr
from central.ports import SessionDocument
from emobility.lib.display import NOTHING, badge, badges
from ocpi.models import Delivery
from ocpi.models.delivery import DeliveryState

TONES = {DeliveryState.WAITING: "info", DeliveryState.DELIVERED: "good", DeliveryState.DEAD: "bad"}


def session_documents(session_ids: Sequence[int]) -> dict[int, Sequence[SessionDocument]]:
    """The CDRs of each session, newest first, with their state at each partner; two queries."""
    cdrs = list(Cdr.objects.filter(session_id__in=session_ids).defer("periods", "lines", "tariff"))
    sent: dict[int, list[Delivery]] = {}
    deliveries = Delivery.objects.filter(module="cdrs", source_id__in=[cdr.pk for cdr in cdrs])
    for delivery in deliveries.select_related("partner"):
        sent.setdefault(delivery.source_id, []).append(delivery)
    found: dict[int, list[SessionDocument]] = {}
    for cdr in cdrs:
        found.setdefault(cdr.session_id, []).append(_document(cdr, sent.get(cdr.pk, [])))
    return dict(found)


def _document(cdr: Cdr, deliveries: Sequence[Delivery]) -> SessionDocument:
    return SessionDocument(
        label=f"{cdr.cdr_id[:13]} · {cdr.get_kind_display()}",
        url=reverse("admin:billing_cdr_change", args=[cdr.pk]),
        amount=cdr.total_cost_incl,
        currency=cdr.currency,
        state=_sent(cdr, deliveries),
    )


def _sent(cdr: Cdr, deliveries: Sequence[Delivery]) -> SafeString | str:
    if cdr.needs_review:
        return badge(_("Needs review"), "warn")
    if not deliveries:
        return NOTHING
    return badges(
        badge(f"{delivery.partner} {delivery.get_state_display()}", TONES[DeliveryState(delivery.state)])
        for delivery in deliveries
    )
