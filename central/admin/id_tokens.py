"""Id tokens and their groups: who may charge."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.id_token_form import IdTokenForm, limit_words, places_of
from central.admin.imports import ID_TOKENS
from central.admin.words import session_badge
from central.models import IdToken, Session
from central.signals import tokens_changed
from emobility.lib.bell import after_commit
from emobility.lib.display import age, badge, kwh, link, masked, moment
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.importing import ImportingAdmin
from registry.admin.requests import remote_address
from registry.admin.story import StoryAdmin
from registry.rights import Right, may
from registry.services.audit import audit_record

ROWS = 20


def _set_blocked(request: HttpRequest, obj: IdToken, blocked: bool) -> str:
    user: Any = request.user
    IdToken.objects.filter(pk=obj.pk).update(blocked=blocked, updated_at=timezone.now())
    after_commit(tokens_changed, organization_id=obj.organization_id)
    audit_record(
        actor=user,
        action="id_token.blocked" if blocked else "id_token.unblocked",
        organization_id=obj.organization_id,
        object_type="id_token",
        object_id=str(obj.pk),
        before={"blocked": obj.blocked},
        after={"blocked": blocked},
        remote_address=remote_address(request),
        now=timezone.now(),
    )
    return _t("The tag is blocked.") if blocked else _t("The tag may charge again.")


BLOCK = ObjectAction(
    slug="block",
    label=_("Block"),
    explain=_("The tag cannot start another session. A session that runs now goes on."),
    right=Right.OPERATE,
    run=lambda request, obj, values: _set_blocked(request, obj, True),
    hindrance=lambda obj: _t("It is blocked already.") if obj.blocked else "",
    ask=True,
    danger=True,
    icon="block",
)
UNBLOCK = ObjectAction(
    slug="unblock",
    label=_("Unblock"),
    explain=_("The tag may charge again."),
    right=Right.OPERATE,
    run=lambda request, obj, values: _set_blocked(request, obj, False),
    hindrance=lambda obj: "" if obj.blocked else _t("It is not blocked."),
    icon="lock_open",
)


@admin.register(IdToken)
class IdTokenAdmin(ImportingAdmin, StoryAdmin):
    """Cards and app users of the organisation."""

    importing = ID_TOKENS
    object_actions = (BLOCK, UNBLOCK)
    list_display = ("shown_uid", "group", "holder", "state", "expires", "used")
    list_filter = ("blocked", "token_type", OrganizationFilter)
    list_select_related = ("group", "organization", "party")
    search_fields = ("uid_key", "holder", "contract_id", "group__name")
    form = IdTokenForm
    autocomplete_fields = ("charge_points",)
    filter_horizontal = ()
    empty_text = _("A tag that is not known here may not charge. Add the first card or app user.")
    fieldsets = (
        (None, {"fields": ("organization", "uid", "token_type", "holder", "contract_id", "party")}),
        (_("Shown to the driver"), {"fields": ("language", "message")}),
        (
            _("May charge"),
            {"fields": ("blocked", "group", "valid_from", "expires_at", "concurrent_sessions")},
        ),
        (
            _("At partners' charge points"),
            {"fields": ("whitelist", "visual_number", "out_of_credit")},
        ),
        (_("Only at"), {"fields": ("sites", "charge_points", "evse_places")}),
    )

    def get_list_display(self, request: HttpRequest) -> Any:
        """The whole uid for those who operate, its end for the others."""
        columns = list(super().get_list_display(request))
        if may(request.user, Right.OPERATE):
            columns[0] = "uid"
        return columns

    @display(description=_("uid"), ordering="uid_key")
    def shown_uid(self, token: IdToken) -> str:
        """The end of the uid."""
        return masked(token.uid)

    @display(description=_("state"))
    def state(self, token: IdToken) -> SafeString:
        """Whether it may charge now."""
        now = timezone.now()
        if token.blocked or (token.group is not None and token.group.blocked):
            return badge(_("Blocked"), "bad")
        if token.expires_at is not None and token.expires_at <= now:
            return badge(_("Expired"), "mute", token.expires_at, now)
        if token.valid_from is not None and token.valid_from > now:
            return badge(_("Not yet valid"), "mute")
        return _roaming_state(token)

    @display(description=_("expires"), ordering="expires_at")
    def expires(self, token: IdToken) -> Any:
        """Until when."""
        return moment(token.expires_at, token.organization.time_zone)

    @display(description=_("last used"), ordering="last_used")
    def used(self, token: IdToken) -> Any:
        """How long ago."""
        return age(token.last_used, timezone.now())

    def story(self, request: HttpRequest, obj: IdToken) -> dict[str, Any]:
        """The tag, its limits and its sessions."""
        now, zone = timezone.now(), obj.organization.time_zone
        whole = may(request.user, Right.OPERATE)
        uid = obj.uid if whole else masked(obj.uid)
        facts = [
            (_("Uid"), uid),
            (_("Type"), obj.token_type),
            (_("Holder"), obj.holder),
            (_("Contract"), obj.contract_id),
            (_("Provider"), obj.party or ""),
            (_("At partners' charge points"), obj.get_whitelist_display() if not _foreign(obj) else ""),
            (_("Its provider"), obj.get_whitelist_display() if _foreign(obj) else ""),
            (_("Number printed on it"), obj.visual_number),
            (_("Group"), link(object_url(obj.group), obj.group) if obj.group else ""),
            (_("Sessions at once"), limit_words(obj.concurrent_sessions)),
            (_("Language"), obj.language),
            (_("Message to the driver"), obj.message),
            (_("Only at sites"), ", ".join(str(site) for site in obj.sites.all()) or _("everywhere")),
            (_("Only at charge points"), ", ".join(str(item) for item in obj.charge_points.all()[:ROWS])),
            (_("Only at EVSEs"), places_of(obj)),
            (_("Good until"), moment(obj.expires_at, zone) if obj.expires_at else _("for ever")),
            (_("Last used"), age(obj.last_used, now)),
        ]
        return {
            "title": uid,
            "state_badge": self.state(obj),
            "cards": [
                {"title": _("Tag"), "width": "em-w5", "facts": facts},
                _sessions(obj, zone),
            ],
        }


def _roaming_state(token: IdToken) -> SafeString:
    if not token.issuer_valid:
        return badge(_("Not valid for its provider"), "bad")
    return badge(_("Out of credit"), "warn") if token.out_of_credit else badge(_("Valid"), "good")


def _foreign(token: IdToken) -> bool:
    return token.party is not None and not token.party.is_own


def _sessions(obj: IdToken, zone: str) -> dict[str, Any]:
    now = timezone.now()
    sessions = Session.objects.filter(id_token=obj).select_related("charge_point")[:ROWS]
    rows = [
        [
            (_("Start"), link(object_url(session), moment(session.started_at, zone))),
            (_("Charge point"), session.charge_point),
            (_("State"), session_badge(session, now)),
            (_("Energy"), kwh(session.energy_wh)),
        ]
        for session in sessions
    ]
    return {
        "title": _("Sessions"),
        "width": "em-w7",
        "columns": [_("Start"), _("Charge point"), _("State"), _("Energy")],
        "rows": rows,
        "empty": _("Never used."),
    }
