"""REST: which tariff applies somewhere at a time, for whom, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.selectors.tariff_precedence import KINDS, REGULAR, Asked, Verdict
from billing.selectors.tariff_questions import question_asked
from billing.selectors.tariffs_in_force import Considered, tariffs_considered, version_chosen
from billing.services.assignment_words import place_words, verdict_words, whom_words, why_words
from billing.services.summaries import tariff_summary
from billing.services.tariffs import version_structure
from emobility.lib.clock import utc_now
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission


class QuestionSerializer(serializers.Serializer[Any]):
    """A session, or a place with a time (now), and for whom: a tag, a group or a partner (everybody)."""

    session = serializers.UUIDField(required=False)
    charge_point = serializers.CharField(required=False, max_length=255)
    evse = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1, default=0)
    connector = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1, default=0)
    at = serializers.DateTimeField(required=False)
    id_token = serializers.CharField(required=False, max_length=255)
    group = serializers.CharField(required=False, max_length=36)
    party = serializers.CharField(required=False, max_length=8)
    type = serializers.ChoiceField(choices=KINDS, required=False, default=REGULAR)


class ConsideredSerializer(serializers.Serializer[Any]):
    """An assignment around the place, and what becomes of it."""

    assignment = serializers.IntegerField()
    tariff = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    where = serializers.CharField()
    whom = serializers.CharField()
    verdict = serializers.ChoiceField(choices=[each.value for each in Verdict])
    why = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    """The tariff that applies (null where none does), and all that was considered, in the order it counts."""

    at = serializers.DateTimeField()
    tariff = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    summary = serializers.CharField(allow_null=True)
    why = serializers.CharField()
    considered = ConsideredSerializer(many=True)


class TariffAnswerView(APIView):
    """Which tariff applies, and why."""

    permission_classes = [RightPermission]
    thing = "billing.tariffassignment"

    @extend_schema(
        tags=["tariff assignments"],
        operation_id="tariffs_applicable",
        summary="Which tariff applies here at that time, and why",
        parameters=[QuestionSerializer, OpenApiParameter("at", datetime, description="Default: now")],
        responses={200: AnswerSerializer, 400: FaultSerializer},
    )
    def get(self, request: Request) -> Response:
        """The answer for a session as it began, or for a place."""
        form = QuestionSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        asked = question_asked(form.validated_data, request.user, utc_now())
        considered = tariffs_considered(asked)
        return Response(AnswerSerializer(_answer(asked, considered)).data)


def _answer(asked: Asked, considered: Sequence[Considered]) -> dict[str, Any]:
    version = version_chosen(considered)
    return {
        "at": asked.at,
        "tariff": version.tariff.tariff_id if version is not None else None,
        "version": version.number if version is not None else None,
        "summary": tariff_summary(version_structure(version)) if version is not None else None,
        "why": why_words(considered),
        "considered": [
            {
                "assignment": each.assignment.pk,
                "tariff": each.assignment.tariff.tariff_id,
                "version": each.number,
                "where": place_words(each.assignment),
                "whom": whom_words(each.assignment),
                "verdict": each.verdict.value,
                "why": verdict_words(each.verdict),
            }
            for each in considered
        ],
    }
