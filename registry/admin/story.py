"""Story pages: an object told in cards (what it is, is it well, what happened, what can I do)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from registry.admin.actions import ActionsAdmin, object_url
from registry.admin.base import ReadOnly


class StoryAdmin(ActionsAdmin):
    """Instead of a form the object's page is `story_template` with what `story()` tells."""

    story_template = "admin/story.html"

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the template needs."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        """The form moves to `edit/`."""
        opts = self.opts
        edit = path(
            "<path:object_id>/edit/",
            self.admin_site.admin_view(self.edit_view),
            name=f"{opts.app_label}_{opts.model_name}_edit",
        )
        return [edit, *super().get_urls()]

    def edit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form of the object, for those who may change it."""
        if not self.has_change_permission(request):
            raise PermissionDenied(_("Your role may not change this."))
        response: HttpResponse = super().change_view(request, object_id)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The story, for those who may see the object."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            gone: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return gone
        return TemplateResponse(request, self.story_template, self._context(request, obj))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the story after saving."""
        return HttpResponseRedirect(object_url(obj))

    def _context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        site, opts = self.admin_site, self.opts
        name = f"admin:{opts.app_label}_{opts.model_name}_edit"
        return {
            **site.each_context(request),
            "title": str(obj),
            "opts": opts,
            "original": obj,
            "buttons": self.buttons(request, obj),
            "edit_url": reverse(name, args=[obj.pk]) if self.has_change_permission(request, obj) else "",
            **self.story(request, obj),
        }


class HistoryStoryAdmin(ReadOnly, StoryAdmin):
    """A piece of history, told as a story."""
