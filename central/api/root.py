"""`GET /api/`: where the resources are."""

from collections.abc import Mapping

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from registry.api.rights import RightPermission
from registry.rights import Right


@extend_schema(exclude=True)
class RootView(APIView):
    """The resources of this interface (name to route, by the composition root); /docs describes them."""

    permission_classes = [RightPermission]
    see_right = Right.SEE
    resources: Mapping[str, str] = {}

    def get(self, request: Request) -> Response:
        """Links."""
        return Response({name: reverse(view, request=request) for name, view in self.resources.items()})
