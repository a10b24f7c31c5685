"""What became of sessions in the rooms above central: their CDRs, and where these went."""

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.dispatch import receiver
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.models import Cdr
from billing.ports import CdrDelivery, ports
from billing.signals import cdr_created
from central.consumers.dashboard_feed import feed
from central.ports import SessionDocument
from emobility.lib.display import NOTHING, badge, badges


def session_documents(session_ids: Sequence[int]) -> dict[int, Sequence[SessionDocument]]:
    """The CDRs of each session, newest first, with their state at each partner; three queries at most."""
    cdrs = list(Cdr.objects.filter(session_id__in=session_ids).defer("periods", "lines", "tariff"))
    prefetch_related_objects([cdr for cdr in cdrs if cdr.needs_review], "reviews")
    sent = ports.cdr_deliveries([cdr.pk for cdr in cdrs])
    found: dict[int, list[SessionDocument]] = {}
    for cdr in cdrs:
        found.setdefault(cdr.session_id, []).append(_document(cdr, sent.get(cdr.pk, ())))
    return dict(found)


@receiver(cdr_created, dispatch_uid="emobility.dashboard.cdr")
def tell_pages(cdr_id: int, **_ids: Any) -> None:
    """A session got its CDR: pages that show it move."""
    row = Cdr.objects.filter(pk=cdr_id).values_list("organization_id", "session_id").first()
    if row is not None:
        feed.add(row[0], [f"session:{row[1]}", f"cdr:{cdr_id}"])


def _document(cdr: Cdr, deliveries: Sequence[CdrDelivery]) -> SessionDocument:
    return SessionDocument(
        label=f"{cdr.cdr_id[:13]} · {cdr.get_kind_display()}",
        url=reverse("admin:billing_cdr_change", args=[cdr.pk]),
        amount=cdr.total_cost_incl,
        currency=cdr.currency,
        state=_sent(cdr, deliveries),
    )


def _sent(cdr: Cdr, deliveries: Sequence[CdrDelivery]) -> SafeString | str:
    if not cdr.ready_for_delivery:
        waits = all(review.is_open for review in cdr.reviews.all())
        return badge(_("Needs review"), "warn") if waits else badge(_("Not sent"), "mute")
    if not deliveries:
        return NOTHING
    return badges(badge(f"{each.partner} {each.word}", each.tone) for each in deliveries)
