"""The admin's login: wrong passwords are counted by address, right ones audited."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from unfold.forms import AuthenticationForm

from emobility.lib.errors import TooMany
from registry.api.callers import request_address
from registry.services.audit import audit_record
from registry.services.throttle import failure_count, failures_check


class LoginForm(AuthenticationForm):
    """Asks for name and password; whoever guesses must wait."""

    request: Any
    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        """Check the password unless this address failed too often lately."""
        caller = {
            "address": request_address(self.request),
            "cp_id": f"login {self.cleaned_data.get('username', '')}",
        }
        try:
            failures_check(**caller)
        except TooMany as error:
            raise ValidationError(error.message) from error
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as wrong:
            try:
                failure_count(**caller)
            except TooMany as error:
                raise ValidationError(error.message) from wrong
            raise
        return cleaned


@receiver(user_logged_in, dispatch_uid="registry.audit_login")
def audit_login(request: HttpRequest, user: Any, **_: Any) -> None:
    """Who opened the admin, from where."""
    audit_record(
        actor=user,
        action="user.logged_in",
        organization_id=user.organization_id,
        object_type="user",
        object_id=str(user.pk),
        remote_address=request_address(request),
        now=timezone.now(),
    )
