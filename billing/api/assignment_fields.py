"""Fields of REST that name connectors and partners as people write them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.selectors.named import connector_named, connector_text, party_named
from central.models import Connector
from registry.models import Party


@extend_schema_field({"type": "string", "example": "CP-1/1/1"})
class ConnectorField(serializers.Field[Any, Any, Any, Any]):
    """A connector as `<charge point>/<EVSE>/<connector>`."""

    default_error_messages = {"unknown": _("There is no such connector; write CP-1/1/1.")}

    def to_representation(self, value: Any) -> str:
        """As a person writes it."""
        return connector_text(value)

    def to_internal_value(self, data: Any) -> Connector:
        """The connector. Raise ValidationError for an unknown one."""
        found = connector_named(str(data), self.context["request"].user)
        if found is None:
            self.fail("unknown")
        return found


@extend_schema_field({"type": "string", "example": "NL-TNM"})
class PartyField(serializers.Field[Any, Any, Any, Any]):
    """A party as `<country>-<party id>`."""

    default_error_messages = {"unknown": _("There is no such partner; write NL-TNM.")}

    def to_representation(self, value: Any) -> str:
        """As OCPI writes it."""
        return str(value)

    def to_internal_value(self, data: Any) -> Party:
        """The party. Raise ValidationError for an unknown one."""
        found = party_named(str(data), self.context["request"].user)
        if found is None:
            self.fail("unknown")
        return found
