"""What all admin pages share: rows of the organisation only, rights by role, an audit trail."""

from typing import Any

from django.db.models import DateTimeField, ForeignKey, Model, QuerySet, URLField
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from registry.admin.changelist import ScopedChangeList
from registry.admin.dress import with_zone
from registry.admin.requests import remote_address
from registry.rights import Verb, may, needed
from registry.services.audit import audit_record

PLATFORM_FIELDS = frozenset({"organization", "is_superuser", "is_default"})


def visible(queryset: Any, user: Any) -> Any:
    """The rows of `queryset` that `user` may see; all of them for tables that belong to nobody."""
    return queryset.visible_to(user) if hasattr(queryset, "visible_to") else queryset


class OwnedForm:
    """Mixed into a model's form: the row belongs to `owner_id` before it is checked for being unique."""

    owner_id: int | None = None
    instance: Any

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"organization"}

    def _post_clean(self) -> None:
        if self.instance.organization_id is None:
            self.instance.organization_id = self.owner_id
        super()._post_clean()  # type: ignore[misc]


class ScopedAdmin(ModelAdmin):
    """A table of which people see their organisation's rows; what they may do tells the table of rights."""

    organization_column = True
    empty_text: Any = ""
    empty_link: Any = ""
    formfield_overrides: Any = {URLField: {"assume_scheme": "https"}}
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    actions: Any = None
    empty_value_display = "–"  # noqa: RUF001 -- the dash that a person sees in an empty cell

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows visible to the person."""
        rows: QuerySet[Any] = visible(super().get_queryset(request), request.user)
        return rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The kind of list."""
        return ScopedChangeList

    def may(self, request: HttpRequest, verb: Verb) -> bool:
        """True where the role may do this; only a page without a line in the table names rights itself."""
        right = needed(self.opts.label_lower, verb) or getattr(self, f"{verb.value}_right", None)
        return right is not None and may(request.user, right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """True where the person may see the table at all."""
        return self.may(request, Verb.SEE)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """True where the role may see the table; rows are already limited by the queryset."""
        return self.may(request, Verb.SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """True where the role may make rows."""
        return self.may(request, Verb.ADD)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """True where the role may change rows."""
        return self.may(request, Verb.CHANGE)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """True where the role may delete rows."""
        return self.may(request, Verb.DELETE)

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns; the platform's administrators also see whose row it is."""
        columns = list(super().get_list_display(request))
        if self._owned() and self.organization_column and self._sees_all(request):
            columns.append("organization")
        return columns

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """People of an organisation do not choose one."""
        hidden = list(super().get_exclude(request, obj) or [])
        return hidden if self._sees_all(request) or not self._owned() else [*hidden, "organization"]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The groups of fields, without those that only the platform's administrators set."""
        return self.own_fields(request, super().get_fieldsets(request, obj))

    def own_fields(self, request: HttpRequest, groups: Any) -> Any:
        """The groups of fields without those that this person may not set."""
        if self._sees_all(request):
            return groups
        return [
            (name, {**options, "fields": [each for each in options["fields"] if each not in PLATFORM_FIELDS]})
            for name, options in groups
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A form that belongs to the person's organisation before it is checked."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if not self._owned() or self._sees_all(request):
            return form
        owner: Any = request.user
        return type(form.__name__, (OwnedForm, form), {"owner_id": owner.organization_id})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A moment says by which clock it is meant."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, DateTimeField):
            field.help_text = with_zone(field)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only visible rows can be chosen."""
        kwargs["queryset"] = visible(_choices(db_field, kwargs), request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only visible rows can be chosen."""
        kwargs["queryset"] = visible(_choices(db_field, kwargs), request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Into the audit trail."""
        self._audit(request, obj, "added", message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Into the audit trail."""
        self._audit(request, obj, "changed", message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Into the audit trail."""
        for obj in queryset:
            self._audit(request, obj, "deleted", None)

    def log_deletion(self, request: HttpRequest, obj: Any, object_repr: str) -> Any:
        """Into the audit trail."""
        self._audit(request, obj, "deleted", None)

    def _audit(self, request: HttpRequest, obj: Any, verb: str, message: Any) -> None:
        user: Any = request.user
        audit_record(
            actor=user,
            action=f"{self.opts.model_name}.{verb}",
            organization_id=_owner(obj, user),
            object_type=str(self.opts.model_name),
            object_id=str(obj.pk),
            after={"name": str(obj), "message": message},
            remote_address=remote_address(request),
            now=timezone.now(),
        )

    def _owned(self) -> bool:
        return any(
            isinstance(field, ForeignKey) and field.name == "organization" for field in self.opts.fields
        )

    @staticmethod
    def _sees_all(request: HttpRequest) -> bool:
        return bool(getattr(request.user, "sees_all", False))


class ReadOnly:
    """Mixed in where rows are history: nobody adds, changes or deletes them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class HistoryAdmin(ReadOnly, ScopedAdmin):
    """History: read-only for everybody; corrections are objects of their own."""


def _choices(db_field: Any, kwargs: dict[str, Any]) -> Any:
    given = kwargs.get("queryset")
    return db_field.remote_field.model._default_manager.all() if given is None else given  # noqa: SLF001 -- _default_manager is Django's documented name


def _owner(obj: Any, user: Any) -> int | None:
    owner: int | None = getattr(obj, "organization_id", None)
    return owner or getattr(user, "organization_id", None)
