"""People: each has one role in one organisation."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from emobility.lib.display import badge, moment
from registry.admin.base import ScopedAdmin
from registry.admin.filters import OrganizationFilter
from registry.admin.requests import remote_address
from registry.models import User
from registry.models.user import PEOPLE_ROLES
from registry.services.audit import audit_record

if TYPE_CHECKING:
    PersonAdmin = DjangoUserAdmin[User]
else:
    PersonAdmin = DjangoUserAdmin

WATCHED = ("role", "is_active", "is_staff", "is_superuser", "organization_id")


class UserAdmin(PersonAdmin, ScopedAdmin):  # type: ignore[misc]  # ScopedAdmin's own base has no types
    """Users of the organisation; whoever must not log in any more is made inactive, not deleted."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "role", "state", "last_login_at")
    list_filter = (("role", admin.ChoicesFieldListFilter), "is_active", OrganizationFilter)
    list_select_related = ("organization",)
    filter_horizontal = ("sites",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "organization", "role")}),
        (_("Host"), {"fields": ("sites",)}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "password1", "password2", "organization", "role", "email", "is_staff")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """People; service accounts have their own table."""
        return super().get_queryset(request).filter(is_service=False)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only roles of people can be chosen."""
        if db_field.name == "role":
            kwargs["choices"] = PEOPLE_ROLES
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @display(description=_("name"))
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.get_full_name() or "–"  # noqa: RUF001 -- the dash of an empty cell

    @display(description=_("state"))
    def state(self, user: User) -> SafeString:
        """Whether the person may log in."""
        if not user.is_active:
            return badge(_("Disabled"), "mute")
        return badge(_("Active"), "good") if user.is_staff else badge(_("REST only"), "info")

    @display(description=_("last login"), ordering="last_login")
    def last_login_at(self, user: User) -> Any:
        """The last login through the admin."""
        return moment(user.last_login)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The groups of fields, of a new person's form too."""
        return self.own_fields(request, super().get_fieldsets(request, obj))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """New people can use the admin unless that is unticked."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "is_staff" in form.base_fields and obj is None:
            form.base_fields["is_staff"].initial = True
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save; changed rights are audited with what they were."""
        before = User.objects.filter(pk=obj.pk).values(*WATCHED).first() if change else None
        super().save_model(request, obj, form, change)
        after = {name: getattr(obj, name) for name in WATCHED}
        if before != after:
            self._audit_rights(request, obj, before, after)

    def _audit_rights(self, request: HttpRequest, obj: User, before: Any, after: Any) -> None:
        actor: Any = request.user
        audit_record(
            actor=actor,
            action="user.rights_changed" if before else "user.rights_given",
            organization_id=obj.organization_id,
            object_type="user",
            object_id=str(obj.pk),
            before=before,
            after={"username": obj.username, **after},
            remote_address=remote_address(request),
            now=timezone.now(),
        )


admin.site.register(User, UserAdmin)
