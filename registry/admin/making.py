"""The page that makes a row: it says what will be made, asks for what that needs, shows what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from emobility.lib.errors import DomainError
from registry.admin.actions import Secret, action_page, object_url, secret_page
from registry.rights import Right, may


@dataclass(frozen=True, slots=True)
class Making:
    """How a row is made: `run(request, form)` gives the row, or a Secret to show once; raises DomainErrors.

    `form(data, user)` is what it asks for; `refusal` is the sentence for those without the right.
    """

    label: Any
    explain: Any
    right: Right
    refusal: Any
    form: Callable[[Any, Any], Any]
    run: Callable[[HttpRequest, Any], Any]
    danger: bool = False


class MakingAdmin:
    """A table whose rows are made as `making` says."""

    making: Making

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Those who have the right."""
        return may(request.user, self.making.right)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, make it, show its page, or the secret this one time."""
        making = self.making
        if not self.has_add_permission(request):
            raise PermissionDenied(str(making.refusal))
        posted = request.method == "POST"
        form = making.form(request.POST if posted else None, request.user)
        if not posted or not form.is_valid():
            return action_page(self, request, making, form=form)
        try:
            made = making.run(request, form)
        except DomainError as error:
            return action_page(self, request, making, form=form, error=error)
        if isinstance(made, Secret):
            return secret_page(self, request, made)
        return HttpResponseRedirect(object_url(made))
