"""Authorisation policies: who may charge where, in plain words."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from central.admin.policy_words import LABELS, place_words, policy_facts, rule_words
from central.models import AuthorizationPolicy
from central.models.authorization_policy import Access, UnknownOffline
from central.selectors.groups import members_of
from central.services.policies import RULES, policy_at
from registry.admin.filters import OrganizationFilter
from registry.admin.story import StoryAdmin
from registry.models import ChargePoint

INHERIT = ("", _("As the next wider place says"))


def _yes_or_no(label: Any, help_text: Any, yes: Any, no: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=(INHERIT, ("True", yes), ("False", no)),
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


class AuthorizationPolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The rules of one place; what is left open, the next wider place says."""

    access = forms.ChoiceField(
        label=_("Who may charge"),
        choices=(INHERIT, (Access.TOKENS, _("Only known tags")), (Access.FREE, _("Everybody"))),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Everybody: each tag is accepted, known or not, and the session is marked. What it costs is the"
            " tariff's business."
        ),
    )
    unknown_offline = forms.ChoiceField(
        label=_("Sessions that began offline with an unknown tag"),
        choices=(
            INHERIT,
            (UnknownOffline.DENY, _("Refuse them, and keep them for review")),
            (UnknownOffline.ACCEPT, _("Accept them")),
        ),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Such a session is always kept. This decides what the charge point is told then, and whether"
            " a person has to look at it."
        ),
    )
    plug_and_charge = _yes_or_no(
        _("Plug and charge"),
        _("Cars with a contract (eMAID): the contract must be known, its certificate valid."),
        _("Accept contracts with a valid certificate"),
        _("Accept no contracts"),
    )
    group_stop = _yes_or_no(
        _("Stop by the group"),
        _("Whether a member of a group may end a session that another member began."),
        _("Members stop each other's sessions"),
        _("Only the tag that began it"),
    )
    local_list = _yes_or_no(
        _("Local lists"),
        _("Charge points with a list of tags can decide while they are offline."),
        _("Keep them in step with the known tags"),
        _("Send them only on demand"),
    )

    shows_costs = _yes_or_no(
        _("Prices on displays"),
        _("Displays are told prices and costs. Inherited everywhere: where the charge point shows them."),
        _("Tell all of them"),
        _("Tell none"),
    )

    class Meta:
        model = AuthorizationPolicy
        fields = (
            "organization",
            "site",
            "group",
            "charge_point",
            "access",
            "unknown_offline",
            "sessions_at_once",
            "plug_and_charge",
            "group_stop",
            "master_group",
            "local_list",
            "shows_costs",
        )
        help_texts = {
            "site": _("Leave site, group and charge point empty for the whole organisation."),
            "sessions_at_once": _(
                "For tags that have no limit of their own. 0: any number; empty: inherited."
            ),
            "master_group": _(
                "Its tags end anybody's session and begin none. Charge points with OCPP 2.x need the same"
                " group id in MasterPassGroupId."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("plug_and_charge", "group_stop", "local_list", "shows_costs"):
            value = getattr(self.instance, name)
            self.initial[name] = "" if value is None else str(value)

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for two places, and for places of another organisation."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        places = [data[name] for name in ("site", "group", "charge_point") if data.get(name)]
        if len(places) > 1:
            raise ValidationError(_("Name a site, a group or a charge point, only one of them."))
        owner = data.get("organization") or self.instance.organization_id or getattr(self, "owner_id", None)
        for row in (*places, data.get("master_group")):
            if row is not None and row.organization_id != getattr(owner, "pk", owner):
                raise ValidationError(_("{row} belongs to another organisation.").format(row=row))
        return data


@admin.register(AuthorizationPolicy)
class AuthorizationPolicyAdmin(StoryAdmin):
    """Rules by place: charge point before group before site before organisation."""

    form = AuthorizationPolicyForm
    list_display = ("place", "says")
    list_filter = (OrganizationFilter,)
    list_select_related = ("organization", "site", "group", "charge_point", "master_group")
    search_fields = ("site__name", "group__name", "charge_point__cp_id")
    autocomplete_fields = ("charge_point",)
    ordering = ("pk",)
    empty_text = _(
        "Without a policy only known tags charge, one session each. Add one for the organisation, a site, a"
        " group or a charge point."
    )
    fieldsets = (
        (_("Where"), {"fields": ("organization", "site", "group", "charge_point")}),
        (
            _("Who may charge"),
            {"fields": ("access", "unknown_offline", "sessions_at_once", "plug_and_charge")},
        ),
        (_("Who may stop"), {"fields": ("group_stop", "master_group")}),
        (_("In the charge point"), {"fields": ("local_list", "shows_costs")}),
    )

    @display(description=_("for"))
    def place(self, policy: AuthorizationPolicy) -> Any:
        """Where it holds."""
        return place_words(policy)

    @display(description=_("says"))
    def says(self, policy: AuthorizationPolicy) -> Any:
        """The rules that it sets; the others it leaves to the next wider place."""
        said = [(name, getattr(policy, name)) for name in RULES]
        told = [
            (LABELS[name], policy.master_group if name == "master_group_id" else rule_words(name, value))
            for name, value in said
            if value not in {None, ""}
        ]
        return format_html_join("; ", "{}: {}", told) if told else _("nothing of its own")

    def story(self, request: HttpRequest, obj: AuthorizationPolicy) -> dict[str, Any]:
        """The rules that hold there, each with the place that says so."""
        effective = policy_at(obj)
        return {
            "title": f"{_t('Who may charge')}: {place_words(obj)}",
            "cards": [
                {
                    "key": "rules",
                    "title": _("What holds here"),
                    "facts": policy_facts(effective.policy, effective.sources),
                },
                {"key": "reach", "title": _("For"), "facts": [(_("Charge points"), _reach(obj))]},
            ],
        }


def _reach(obj: AuthorizationPolicy) -> Any:
    if obj.charge_point is not None:
        return obj.charge_point.cp_id
    here = ChargePoint.objects.filter(organization_id=obj.organization_id)
    if obj.group is not None:
        return members_of(obj.group).count()
    if obj.site is not None:
        here = here.filter(site=obj.site)
    return here.count()
