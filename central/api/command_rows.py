"""REST: a command as it is told, with its parts and with the ids of both sides of what it speaks of."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from central.models import Command
from central.selectors.order_subjects import subjects_of


class PartSerializer(serializers.ModelSerializer[Command]):
    """One message of an order that takes several."""

    class Meta:
        model = Command
        fields = ("uid", "state", "params", "attempts", "answer", "error", "sent_at", "finished_at")


class CommandSerializer(serializers.ModelSerializer[Command]):
    """A command and what became of it; `state` is that of the whole order where it has parts."""

    charge_point = serializers.CharField(source="charge_point.cp_id")
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    retry_of = serializers.UUIDField(source="retry_of.uid", default=None, allow_null=True)
    part_of = serializers.UUIDField(source="part_of.uid", default=None, allow_null=True)
    bulk = serializers.UUIDField(source="bulk_target.bulk.uid", default=None, allow_null=True)
    state = serializers.CharField(source="outcome")

    class Meta:
        model = Command
        fields: tuple[str, ...] = (
            "uid",
            "charge_point",
            "order",
            "params",
            "state",
            "requested_by",
            "source",
            "reason",
            "attempts",
            "max_attempts",
            "not_before",
            "retry_of",
            "part_of",
            "bulk",
            "action",
            "message_id",
            "answer",
            "error",
            "created_at",
            "expires_at",
            "sent_at",
            "finished_at",
        )

    @staticmethod
    def rows() -> QuerySet[Command]:
        """Commands with all that is told of them."""
        return Command.objects.select_related(
            "charge_point", "requested_by", "retry_of", "part_of", "bulk_target__bulk"
        )


class SubjectSerializer(serializers.Serializer[Any]):
    """What an order speaks of, by our ids and by OCPP's; null where it speaks of no such thing."""

    session = serializers.UUIDField(allow_null=True)
    transaction_id = serializers.CharField(allow_null=True)
    reservation = serializers.IntegerField(allow_null=True)
    reservation_id = serializers.IntegerField(allow_null=True)
    profile = serializers.IntegerField(allow_null=True)
    profile_id = serializers.IntegerField(allow_null=True)
    connector = serializers.IntegerField(allow_null=True)
    evse_id = serializers.IntegerField(allow_null=True)
    connector_id = serializers.IntegerField(allow_null=True)


class CommandDetailSerializer(CommandSerializer):
    """A command with its parts and its subject."""

    parts = PartSerializer(many=True)
    subject = serializers.SerializerMethodField()

    class Meta(CommandSerializer.Meta):
        fields = (*CommandSerializer.Meta.fields, "parts", "subject")

    @extend_schema_field(SubjectSerializer())
    def get_subject(self, command: Command) -> Any:
        """Ids of both sides."""
        return SubjectSerializer(subjects_of(command)).data
