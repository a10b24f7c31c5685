"""Actions on an object: what it will do, asked once where it hurts, refused with a reason, told when done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from emobility.lib.errors import DomainError
from registry.admin.base import ScopedAdmin
from registry.rights import Right, may


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret to show once: its value, and in lines what it is for."""

    title: str
    value: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    usage: str = ""


Outcome = str | Secret | HttpResponse
FormFactory = Callable[[Any, HttpRequest, Any], forms.Form]


@dataclass(frozen=True, slots=True)
class ObjectAction:
    """One action: `run(request, object, values)` calls a service and gives a sentence, a Secret or a page.

    `hindrance(object)` gives the reason why it cannot be done now, or ''. Without a form, and where it does
    not `ask`, the button acts at once.
    """

    slug: str
    label: Any
    explain: Any
    right: Right
    run: Callable[[HttpRequest, Any, dict[str, Any]], Outcome]
    form: FormFactory | None = None
    hindrance: Callable[[Any], str] = lambda obj: ""
    ask: bool = False
    danger: bool = False
    icon: str = "play_arrow"


class ActionsAdmin(ScopedAdmin):
    """A table whose objects have `object_actions`, each with a page of its own."""

    object_actions: tuple[ObjectAction, ...] = ()

    def get_urls(self) -> list[Any]:
        """A page for each action."""
        own = [
            path(
                f"<path:object_id>/do/{action.slug}/",
                self.admin_site.admin_view(never_cache(self._view(action))),
                name=self._url_name(action),
            )
            for action in self.object_actions
        ]
        return [*own, *super().get_urls()]

    def buttons(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """The actions as buttons for the object's page; those that the role forbids are left out."""
        return [
            {
                "action": action,
                "url": reverse(f"admin:{self._url_name(action)}", args=[obj.pk]),
                "at_once": action.form is None and not action.ask,
                "hindrance": action.hindrance(obj),
            }
            for action in self.object_actions
            if may(request.user, action.right)
        ]

    def _url_name(self, action: ObjectAction) -> str:
        opts = self.opts
        return f"{opts.app_label}_{opts.model_name}_{action.slug.replace('-', '_')}"

    def _view(self, action: ObjectAction) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            obj = self.get_object(request, object_id)
            if obj is None:
                raise Http404
            if not may(request.user, action.right):
                raise PermissionDenied(_("Your role may not do this."))
            return self._act(action, request, obj)

        return view

    def _act(self, action: ObjectAction, request: HttpRequest, obj: Any) -> HttpResponse:
        posted = request.method == "POST"
        form = action.form(request.POST if posted else None, request, obj) if action.form else None
        if not posted or (form is not None and not form.is_valid()):
            return action_page(self, request, action, obj=obj, form=form)
        try:
            outcome = action.run(request, obj, form.cleaned_data if form else {})
        except DomainError as error:
            return self._refused(action, request, obj, form, error)
        if isinstance(outcome, HttpResponse):
            return outcome
        if isinstance(outcome, Secret):
            return secret_page(self, request, outcome, obj)
        messages.success(request, outcome)
        return HttpResponseRedirect(object_url(obj))

    def _refused(
        self, action: ObjectAction, request: HttpRequest, obj: Any, form: Any, error: DomainError
    ) -> HttpResponse:
        if form is None and not action.ask:
            messages.error(request, error.message)
            return HttpResponseRedirect(object_url(obj))
        return action_page(self, request, action, obj=obj, form=form, error=error)


def action_page(
    admin: Any,
    request: HttpRequest,
    action: Any,
    *,
    obj: Any = None,
    form: Any = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """The page that says what an action will do and asks for what it needs."""
    context = {
        **admin.admin_site.each_context(request),
        "title": f"{action.label}: {obj}" if obj is not None else action.label,
        "opts": admin.opts,
        "original": obj,
        "action": action,
        "form": form,
        "error": error,
        "faults": faults_placed(error, form),
        "hindrance": action.hindrance(obj) if obj is not None else "",
        "back": object_url(obj) if obj is not None else reverse(_list_name(admin)),
    }
    return TemplateResponse(request, "admin/action.html", context, status=error.status if error else 200)


def faults_placed(error: DomainError | None, *filled: Any) -> dict[str, str]:
    """Put each fault of a refusal beside its field of the forms; those that belong to none, by name."""
    rest: dict[str, str] = {}
    for name, fault in (error.fields if error is not None else {}).items():
        form = next((each for each in filled if each is not None and name in each.fields), None)
        if form is not None:
            form.add_error(name, str(fault))
        elif error is not None and fault != error.message:
            rest[name] = str(fault)
    return rest


def secret_page(admin: Any, request: HttpRequest, secret: Secret, obj: Any = None) -> HttpResponse:
    """The page that shows a secret this one time; no cache may keep it."""
    context = {
        **admin.admin_site.each_context(request),
        "title": secret.title,
        "opts": admin.opts,
        "original": obj,
        "secret": secret,
        "back": object_url(obj) if obj is not None else reverse(_list_name(admin)),
    }
    response = TemplateResponse(request, "admin/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def object_url(obj: Any) -> str:
    """The admin page of an object."""
    meta = type(obj)._meta  # noqa: SLF001 -- Django's documented name
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])


def _list_name(admin: Any) -> str:
    return f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist"
