"""REST: the review queue: why, the evidence, a proposed repair, and the decision."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.cdrs import ReasonSerializer
from billing.models import Review
from billing.models.review import Decision
from billing.selectors.review_evidence import review_evidence
from billing.services.cdrs import Repair
from billing.services.review_decisions import (
    Act,
    review_accept,
    review_dismiss,
    review_link,
    review_repair,
    review_waive,
)
from billing.services.review_proposals import repair_proposed, session_proposed
from billing.services.summaries import review_words
from central.models import Session
from central.models.session import SessionState
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from emobility.lib.errors import Invalid
from emobility.lib.filters import within
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.rights import Right


class RepairSerializer(serializers.Serializer[Any]):
    """What counts instead: energy in Wh, both times."""

    energy_wh = serializers.IntegerField(min_value=0, max_value=2**53)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()


class ProposalSerializer(serializers.Serializer[Any]):
    """A repair to consider; `session` (uid) is the one that a message in quarantine most likely is of."""

    repair = RepairSerializer(allow_null=True)
    changes = serializers.BooleanField()
    why = serializers.ListField(child=serializers.CharField())
    session = serializers.UUIDField(allow_null=True)


class FrameSerializer(serializers.Serializer[Any]):
    """A message of the transaction, word for word."""

    kind = serializers.CharField()
    at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    quarantine_reason = serializers.CharField()
    payload = serializers.JSONField()


class EvidenceSerializer(serializers.Serializer[Any]):
    """Registers in Wh, times (the charge point's and ours), the most that could flow, frames."""

    registers = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    times = serializers.DictField(child=serializers.DateTimeField(allow_null=True))
    energy_wh = serializers.IntegerField(allow_null=True)
    possible_wh = serializers.IntegerField(allow_null=True)
    max_power_w = serializers.IntegerField(allow_null=True)
    frames = FrameSerializer(many=True)


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """A case: what does not add up, and who decided what; `decision` is "" while it is open."""

    session = serializers.UUIDField(source="session.uid", default=None, allow_null=True)
    cdr = serializers.CharField(source="cdr.cdr_id", default=None, allow_null=True)
    charge_point = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = Review
        fields = (
            "id",
            "charge_point",
            "session",
            "cdr",
            "reasons",
            "opened_at",
            "decision",
            "note",
            "repair",
            "decided_by",
            "decided_at",
        )

    def get_charge_point(self, review: Review) -> str:
        """Where."""
        place = review.session or review.event
        return place.charge_point.cp_id if place is not None else ""

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, review: Review) -> list[dict[str, str]]:
        """Why, as codes and in words."""
        return [{"code": reason, "text": review_words(reason)} for reason in review.reasons]


class ReviewDetailSerializer(ReviewSerializer):
    """A case with its evidence and, while it is open, a proposed repair."""

    evidence = serializers.SerializerMethodField()
    proposal = serializers.SerializerMethodField()

    class Meta(ReviewSerializer.Meta):
        fields = (*ReviewSerializer.Meta.fields, "evidence", "proposal")  # type: ignore[assignment]

    @extend_schema_field(EvidenceSerializer)
    def get_evidence(self, review: Review) -> Any:
        """What was reported and what is known."""
        return EvidenceSerializer(review_evidence(review)).data

    @extend_schema_field(ProposalSerializer(allow_null=True))
    def get_proposal(self, review: Review) -> Any:
        """What could be done."""
        if not review.is_open:
            return None
        if review.event is not None:
            meant = session_proposed(review.event)
            told: dict[str, Any] = {
                "repair": None,
                "changes": False,
                "why": [],
                "session": meant.uid if meant else None,
            }
        elif review.session is not None and review.session.state == SessionState.ENDED:
            found = repair_proposed(review.session, review.reasons)
            told = {"repair": found.repair, "changes": found.changes, "why": found.why, "session": None}
        else:
            return None
        return ProposalSerializer(told).data


class DecisionRequest(serializers.Serializer[Any]):
    """A decision and why; `repair` needs the three values, `link` the session's uid."""

    decision = serializers.ChoiceField(choices=["accept", "repair", "waive", "link", "dismiss"])
    reason = serializers.CharField(max_length=200)
    energy_wh = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)
    session = serializers.UUIDField(required=False)


class ReviewFilter(FilterSet):
    """Open or not, decision, session (uid), charge point (cp_id), and opened within [from, to)."""

    open = BooleanFilter(method="only_open")
    decision = ChoiceFilter(choices=[(value, value) for value in Decision.values if value])
    session = UUIDFilter(field_name="session__uid")
    charge_point = CharFilter(field_name="session__charge_point__cp_id")

    def only_open(self, queryset: Any, name: str, value: bool) -> Any:
        """Those that wait, or those that do not."""
        return queryset.filter(decision="") if value else queryset.exclude(decision="")


within(ReviewFilter, "opened_at")
RELATED = ("session__charge_point", "event__charge_point", "event__session", "cdr", "decided_by")


@extend_schema(tags=["reviews"])
class ReviewViewSet(ScopedViewSet):
    """What does not add up in your organisation, newest first."""

    queryset = Review.objects.select_related(*RELATED)
    serializer_class = ReviewSerializer
    permission_classes = [RightPermission]
    filterset_class = ReviewFilter
    ordering_fields = ("opened_at", "decided_at")
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(responses=ReviewDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One case with its evidence and a proposed repair."""
        return Response(ReviewDetailSerializer(self.get_object(), context=self.get_serializer_context()).data)

    @extend_schema(
        request=DecisionRequest,
        responses={200: ReviewSerializer, 400: FaultSerializer, 403: FaultSerializer, 409: FaultSerializer},
        examples=[
            OpenApiExample(
                "Repair",
                value={
                    "decision": "repair",
                    "reason": "The register fell back to 0.",
                    "energy_wh": 8200,
                    "started_at": "2026-03-02T12:00:00Z",
                    "ended_at": "2026-03-02T12:48:00Z",
                },
                request_only=True,
            ),
        ],
    )
    @action(detail=True, methods=["post"], write_right=Right.OPERATE, filterset_class=None)
    def decide(self, request: Request, pk: str) -> Response:
        """Decide a case, once: the CDR goes, is replaced, or is not billed; 409 where it was decided."""
        form = DecisionRequest(data=request.data)
        form.is_valid(raise_exception=True)
        user: Any = request.user
        values = form.validated_data
        act = Act(user, values["reason"], request_address(request))
        decided = DECISIONS[values["decision"]](self.get_object(), act, values, user, utc_now())
        return Response(ReviewSerializer(decided, context=self.get_serializer_context()).data)


Decide = Callable[[Review, Act, dict[str, Any], Any, datetime], Review]


def _repair(review: Review, act: Act, values: dict[str, Any], user: Any, now: datetime) -> Review:
    return review_repair(review=review, repair=repair_of(values), act=act, now=now)


def repair_of(values: dict[str, Any]) -> Repair:
    """The repair that a request names. Raises Invalid where a value is missing."""
    missing = [name for name in ("energy_wh", "started_at", "ended_at") if values.get(name) is None]
    if missing:
        raise Invalid("A repair needs these values.", dict.fromkeys(missing, "Missing."))
    return Repair(values["energy_wh"], values["started_at"], values["ended_at"])


def _link(review: Review, act: Act, values: dict[str, Any], user: Any, now: datetime) -> Review:
    uid = values.get("session")
    session = Session.objects.visible_to(user).filter(uid=uid).first() if uid else None
    if session is None:
        raise Invalid("Name the session.", {"session": "There is no such session."})
    return review_link(review=review, session=session, act=act, now=now)


DECISIONS: Final[dict[str, Decide]] = {
    "accept": lambda review, act, values, user, now: review_accept(review=review, act=act, now=now),
    "repair": _repair,
    "waive": lambda review, act, values, user, now: review_waive(review=review, act=act, now=now),
    "link": _link,
    "dismiss": lambda review, act, values, user, now: review_dismiss(review=review, act=act, now=now),
}
