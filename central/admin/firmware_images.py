"""Firmware images: added from a file, offered to orders, removed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from central.admin.device_words import job_badge
from central.models import FirmwareImage
from central.services.firmware_images import (
    firmware_image_create,
    firmware_image_hindrance,
    firmware_image_remove,
)
from emobility.lib.display import badge, code, keep, link, moment
from emobility.lib.errors import DomainError
from emobility.lib.file_answers import file_answer
from registry.admin.actions import ObjectAction, action_page, object_url
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right, may

JOBS = 20


class ImageForm(forms.Form):
    """The file and what is known of it."""

    file = forms.FileField(label=_("File"), widget=UnfoldAdminFileFieldWidget)
    vendor = forms.CharField(label=_("Vendor"), max_length=50, widget=UnfoldAdminTextInputWidget)
    model = forms.CharField(
        label=_("Model"), max_length=50, required=False, widget=UnfoldAdminTextInputWidget
    )
    version = forms.CharField(
        label=_("Version"),
        max_length=50,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As charge points tell it at their boot: an update is confirmed by it."),
    )
    sha256 = forms.RegexField(
        "^[0-9A-Fa-f]{64}$",
        label=_("Expected checksum (SHA-256)"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As the manufacturer tells it: a file that is another one is refused."),
    )
    signature = forms.CharField(
        label=_("Signature"),
        max_length=800,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("The manufacturer's signature of the file, base64."),
    )
    signing_certificate = forms.CharField(
        label=_("Signing certificate"),
        max_length=5500,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_("PEM. With the signature it makes updates signed ones."),
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=UnfoldAdminTextInputWidget)
    expires_at = forms.SplitDateTimeField(
        label=_("Keep until (UTC)"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Then the file is removed, once no update with it is open."),
    )


ADD = ObjectAction(
    slug="add",
    label=_("Add an image"),
    explain=_("Keeps a file of firmware here. Charge points fetch it when an update with it is ordered."),
    right=Right.OPERATE,
    run=lambda request, obj, values: "",
)


def _remove(request: HttpRequest, obj: FirmwareImage, values: dict[str, Any]) -> str:
    user: Any = request.user
    firmware_image_remove(image=obj, actor=user, now=timezone.now())
    return _t("The file was removed.")


@admin.register(FirmwareImage)
class FirmwareImageAdmin(HistoryStoryAdmin):
    """Images, newest first."""

    paginator = InfinitePaginator
    list_display = ("image", "version", "file_name", "volume", "proof", "added", "kept")
    list_select_related = ("organization",)
    search_fields = ("vendor", "model", "version", "name", "=sha256")
    ordering = ("-id",)
    empty_text = _("Add the file that the manufacturer gave you; orders for updates offer it then.")
    object_actions = (
        ObjectAction(
            slug="remove",
            label=_("Remove the file"),
            explain=_("Removes the file and ends its addresses. The updates made with it stay listed."),
            right=Right.OPERATE,
            run=_remove,
            hindrance=firmware_image_hindrance,
            ask=True,
            danger=True,
            icon="delete",
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Those who operate, in an organisation."""
        return may(request.user, Right.OPERATE) and getattr(request.user, "organization_id", None) is not None

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The file and what is known of it."""
        if not self.has_add_permission(request):
            raise PermissionDenied(_t("Your role may not do this."))
        posted = request.method == "POST"
        form = ImageForm(request.POST, request.FILES) if posted else ImageForm()
        if not posted or not form.is_valid():
            return action_page(self, request, ADD, form=form)
        values = dict(form.cleaned_data)
        file = values.pop("file")
        user: Any = request.user
        try:
            image = firmware_image_create(
                organization=user.organization,
                source=file,
                name=file.name,
                about=values,
                created_by=user,
                now=timezone.now(),
            )
        except DomainError as error:
            return action_page(self, request, ADD, form=form, error=error)
        messages.success(request, _t("The image was added."))
        return HttpResponseRedirect(object_url(image))

    def get_urls(self) -> list[Any]:
        """The file of an image."""
        view = self.admin_site.admin_view(self.file_view)
        own = path("<path:object_id>/file/", view, name="central_firmwareimage_file")
        return [own, *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str) -> Any:
        """The file as an attachment."""
        image = self.get_object(request, object_id)
        if image is None or image.removed_at is not None or not self.has_view_permission(request):
            raise Http404
        return file_answer(
            image.file, name=image.name, request=request, etag=image.sha256, modified_at=image.created_at
        )

    @display(description=_("for"), ordering="vendor")
    def image(self, row: FirmwareImage) -> Any:
        """Vendor and model."""
        return keep(f"{row.vendor} {row.model}".strip())

    @display(description=_("file"))
    def file_name(self, row: FirmwareImage) -> Any:
        """Its name."""
        return keep(row.name)

    @display(description=_("size"))
    def volume(self, row: FirmwareImage) -> str:
        """Of the file."""
        return filesizeformat(row.size)

    @display(description=_("signed"))
    def proof(self, row: FirmwareImage) -> Any:
        """Whether it comes with a signature."""
        return badge(_("Signed"), "good") if row.signature else badge(_("Unsigned"), "mute")

    @display(description=_("added"), ordering="id")
    def added(self, row: FirmwareImage) -> Any:
        """When."""
        return moment(row.created_at, row.organization.time_zone)

    @display(description=_("kept until"))
    def kept(self, row: FirmwareImage) -> Any:
        """Or that the file is gone."""
        if row.removed_at is not None:
            return badge(_("Removed"), "mute")
        return moment(row.expires_at, row.organization.time_zone)

    def story(self, request: HttpRequest, obj: FirmwareImage) -> dict[str, Any]:
        """What it is, how it proves to be genuine, where it was used."""
        zone = obj.organization.time_zone
        facts = [
            (_("Vendor"), obj.vendor),
            (_("Model"), obj.model),
            (_("Version"), obj.version),
            (_("File"), self._file(obj)),
            (_("Size"), filesizeformat(obj.size)),
            (_("Note"), obj.note),
            (_("Added"), moment(obj.created_at, zone)),
            (_("By"), obj.created_by),
            (_("Kept until"), self.kept(obj)),
        ]
        proofs = [
            (_("Checksum (SHA-256)"), code(obj.sha256)),
            (_("Checksum (MD5)"), code(obj.md5)),
            (_("Signed"), self.proof(obj)),
        ]
        return {
            "title": str(obj),
            "cards": [
                {"key": "image", "title": _("Image"), "width": "em-w6", "facts": facts},
                {"key": "proofs", "title": _("Proofs"), "width": "em-w6", "facts": proofs},
                _jobs(obj),
            ],
        }

    def _file(self, obj: FirmwareImage) -> Any:
        if obj.removed_at is not None:
            return obj.name
        return link(reverse("admin:central_firmwareimage_file", args=[obj.pk]), obj.name)


def _jobs(image: FirmwareImage) -> dict[str, Any]:
    now = timezone.now()
    jobs = image.jobs.select_related("charge_point")[:JOBS]
    return {
        "key": "jobs",
        "title": _("Updates with it"),
        "columns": [_("Charge point"), _("State")],
        "rows": [
            [(_("Charge point"), link(object_url(job), job.charge_point)), (_("State"), job_badge(job, now))]
            for job in jobs
        ],
        "empty": _("None yet. Open a charge point, choose Update firmware, and this image there."),
    }
