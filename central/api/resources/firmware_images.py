"""REST: firmware images, uploaded as a form, fetched again, removed when no open job uses them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import CharFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import resource
from central.models import FirmwareImage
from central.services.firmware_images import firmware_image_create, firmware_image_remove
from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import Invalid, NotFound
from emobility.lib.file_answers import file_answer
from registry.api.base import FaultSerializer
from registry.api.exports import AnyKind
from registry.api.rights import RightPermission
from registry.rights import Right


class FirmwareImageSerializer(serializers.ModelSerializer[FirmwareImage]):
    """An image; orders name it by its `id`."""

    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    signed = serializers.SerializerMethodField()

    class Meta:
        model = FirmwareImage
        fields = (
            "id",
            "vendor",
            "model",
            "version",
            "name",
            "size",
            "sha256",
            "md5",
            "signed",
            "note",
            "created_by",
            "created_at",
            "expires_at",
            "removed_at",
        )

    def get_signed(self, image: FirmwareImage) -> bool:
        """Whether it comes with the manufacturer's signature."""
        return bool(image.signature)


class NewImage(serializers.Serializer[Any]):
    """The file and what is known of it; with `sha256` a file that is another one is refused."""

    file = serializers.FileField()
    vendor = serializers.CharField(max_length=50)
    model = serializers.CharField(max_length=50, default="", allow_blank=True)
    version = serializers.CharField(max_length=50)
    sha256 = serializers.RegexField("^[0-9A-Fa-f]{64}$", required=False)
    signature = serializers.CharField(max_length=800, default="", allow_blank=True)
    signing_certificate = serializers.CharField(max_length=5500, default="", allow_blank=True)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    expires_at = serializers.DateTimeField(required=False)


class FirmwareImageFilter(FilterSet):
    """Vendor, model, version, checksum."""

    vendor = CharFilter(lookup_expr="iexact")
    model = CharFilter(lookup_expr="iexact")
    version = CharFilter()
    sha256 = CharFilter(lookup_expr="iexact")


@extend_schema(tags=["firmware images"])
class FirmwareImageViewSet(ScopedViewSet):
    """Firmware images of your organisation, newest first."""

    queryset = FirmwareImage.objects.select_related("created_by")
    serializer_class = FirmwareImageSerializer
    permission_classes = [RightPermission]
    parser_classes = [MultiPartParser]
    see_right = Right.INSPECT
    write_right = Right.OPERATE
    filterset_class = FirmwareImageFilter
    lookup_value_regex = "[0-9]+"

    @extend_schema(
        request={"multipart/form-data": NewImage},
        responses={
            201: FirmwareImageSerializer,
            400: FaultSerializer,
            409: FaultSerializer,
            413: FaultSerializer,
        },
    )
    def create(self, request: Request) -> Response:
        """Add an image."""
        user: Any = request.user
        if user.organization_id is None:
            fault = _("You belong to no organisation.")
            raise Invalid(fault, {"organization": fault})
        form = NewImage(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        file = values.pop("file")
        image = firmware_image_create(
            organization=user.organization,
            source=file,
            name=file.name,
            about=values,
            created_by=user,
            now=timezone.now(),
        )
        return Response(FirmwareImageSerializer(image).data, status=201)

    @extend_schema(request=None, responses={204: None, 409: FaultSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove the file; the row stays for the jobs that used it. 409 while one is open."""
        image: Any = self.get_object()
        user: Any = request.user
        firmware_image_remove(image=image, actor=user, now=timezone.now())
        return Response(status=204)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: FaultSerializer})
    @action(detail=True, content_negotiation_class=AnyKind)
    def file(self, request: Request, pk: str) -> Any:
        """The file."""
        image: Any = self.get_object()
        if image.removed_at is not None:
            raise NotFound(_("The file was removed."))
        return file_answer(
            image.file, name=image.name, request=request, etag=image.sha256, modified_at=image.created_at
        )


resource("firmware-images", FirmwareImageViewSet)
