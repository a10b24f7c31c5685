"""REST: what resources share whose rows an organisation makes, changes and deletes, each step audited."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers

from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import Conflict
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.services.audit import audit_record


class OwnRelated(serializers.SlugRelatedField):  # type: ignore[type-arg]
    """A related row among those that the caller may see, of the same organisation as the row itself."""

    def get_queryset(self) -> Any:
        """The visible rows."""
        rows: Any = super().get_queryset()
        request = self.context.get("request")
        found = rows.visible_to(request.user if request else None)
        owner = getattr(self.root.instance, "organization_id", None)
        return found.filter(**{found.organization_path: owner}) if owner else found


def name_taken(serializer: Any, name: str) -> bool:
    """Whether another row that the caller may see has this name."""
    rows = serializer.Meta.model.objects.visible_to(serializer.context["request"].user).filter(name=name)
    if serializer.instance is not None:
        rows = rows.exclude(pk=serializer.instance.pk)
    return bool(rows.exists())


class OwnRowsViewSet(
    mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ScopedViewSet
):
    """Rows of the caller's organisation; audited as `<model>.<verb>` with the fields of `audited`."""

    permission_classes = [RightPermission]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_value_regex = "[0-9]+"
    audited: tuple[str, ...] = ("name",)

    def perform_create(self, serializer: Any) -> None:
        """In the caller's organisation; platform administrators have none to put it in."""
        organization_id = getattr(self.request.user, "organization_id", None)
        if organization_id is None:
            raise serializers.ValidationError({"organization": [_("You belong to no organisation.")]})
        self.audit("added", self._saved(serializer, organization_id=organization_id))

    def perform_update(self, serializer: Any) -> None:
        """With its trace in the audit trail."""
        before = self._told(serializer.instance)
        self.audit("changed", self._saved(serializer), before)

    def perform_destroy(self, instance: Any) -> None:
        """With its trace in the audit trail."""
        self.audit("deleted", instance)
        instance.delete()

    def _saved(self, serializer: Any, **values: Any) -> Any:
        """The saved row; raises Conflict where another came first."""
        try:
            with transaction.atomic():
                return serializer.save(**values)
        except IntegrityError as error:
            raise Conflict(_("Another row has this name or id.")) from error

    def _told(self, row: Any) -> dict[str, Any]:
        return {name: _plain(getattr(row, name)) for name in self.audited}

    def audit(self, verb: str, row: Any, before: dict[str, Any] | None = None) -> None:
        """Note who did what to the row, and how it is now."""
        user: Any = self.request.user
        kind = row._meta.model_name  # noqa: SLF001 -- Django's documented name
        audit_record(
            actor=user,
            action=f"{kind}.{verb}",
            organization_id=row.organization_id,
            object_type=kind,
            object_id=str(row.pk),
            before=before,
            after=self._told(row),
            remote_address=request_address(self.request),
            now=timezone.now(),
        )


def _plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
