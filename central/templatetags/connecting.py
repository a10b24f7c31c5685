"""Tags of the page that connects a charge point."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from central.selectors.connecting import Step
from emobility.lib.display import badge

register = template.Library()


@register.simple_tag
def copied(name: str, value: Any) -> SafeString:
    """A value with a button that copies it."""
    return format_html(
        '<div class="em-secret"><code id="{}">{}</code><button type="button" class="em-button" data-copy="{}"'
        ' data-done="{}"><span class="material-symbols-outlined" aria-hidden="true">content_copy</span>'
        "<span data-text>{}</span></button></div>",
        name,
        value,
        name,
        _("Copied"),
        _("Copy"),
    )


@register.simple_tag
def step_badge(step: Step, now: datetime) -> SafeString:
    """How a step stands, since when."""
    return badge(step.word, step.tone, step.at, now)
