"""Where somebody who was invited chooses a password: the address works once, and no cache keeps it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from registry.admin.dress import dressed


class InvitationView(PasswordResetConfirmView):
    """Choose a password, then log in with it."""

    template_name = "registration/invitation.html"
    success_url = reverse_lazy("admin:login")

    def get_form(self, form_class: Any = None) -> Any:
        """With the widgets of the back office."""
        return dressed(super().get_form(form_class))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the colours of the back office."""
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}

    def form_valid(self, form: Any) -> HttpResponse:
        """The person may log in now."""
        messages.success(self.request, _("Your password is set: log in with it."))
        response: HttpResponse = super().form_valid(form)
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A link that counts no more says so, with the status of what is gone."""
        status = 200 if context.get("validlink") else 410
        response: HttpResponse = super().render_to_response(context, status=status, **kwargs)
        return response
