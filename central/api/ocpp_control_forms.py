"""REST: the bodies of "OCPP Control", as they are documented; what they say is checked by the orders."""

from rest_framework import serializers

from central.api.waiting import HowSerializer


class ControlRequest(HowSerializer):
    """What all of them take: the charge point, and how the order is placed. `charge_point` says the same."""

    charger_id = serializers.CharField(max_length=48)


class StartRequest(ControlRequest):
    """For whom and where; `connector_id` is OCPP 1.6's (our EVSE), `connector` the id of our row."""

    id_tag = serializers.CharField(max_length=36)
    connector_id = serializers.IntegerField(required=False, min_value=1)
    evse_id = serializers.IntegerField(required=False, min_value=1)
    connector = serializers.IntegerField(required=False)
    charging_profile = serializers.DictField(required=False)


class StopRequest(HowSerializer):
    """Which session: `transaction_id` (OCPP's, or our uid) or `session`; a charge point need not be named."""

    charger_id = serializers.CharField(max_length=48, required=False)
    transaction_id = serializers.CharField(max_length=36, required=False)
    session = serializers.UUIDField(required=False)


class UnlockRequest(ControlRequest):
    """Which plug."""

    connector_id = serializers.IntegerField(required=False, min_value=1, default=1)
    evse_id = serializers.IntegerField(required=False, min_value=1)
    connector = serializers.IntegerField(required=False)


class RebootRequest(ControlRequest):
    """How: Soft, Hard (1.6), OnIdle, Immediate (2.x); gently where left out."""

    type = serializers.CharField(required=False, default="Soft")
    evse_id = serializers.IntegerField(required=False, min_value=1)


class GetRequest(ControlRequest):
    """Which values, all where none is named. In 2.x a key is Component.Variable."""

    keys = serializers.ListField(child=serializers.CharField(), required=False)


class SetRequest(ControlRequest):
    """One `key` with its `value`, or several as `values`."""

    key = serializers.CharField(required=False)
    value = serializers.CharField(required=False, allow_blank=True)
    values = serializers.DictField(required=False)


class UploadRequest(ControlRequest):
    """Where the file goes, and of which time; without `location` to an address of ours for this one file."""

    location = serializers.CharField(max_length=2000, required=False)
    start_time = serializers.DateTimeField(required=False)
    stop_time = serializers.DateTimeField(required=False)
    retries = serializers.IntegerField(required=False, min_value=0)
    retry_interval = serializers.IntegerField(required=False, min_value=0)
