"""What the endpoints below /api/internal share: they answer service accounts only."""

from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from registry.api.machines import ApiKeyAuthentication, ServiceTokenAuthentication, SignatureAuthentication
from registry.api.rights import RightPermission
from registry.rights import Right


class InternalView(APIView):
    """For other systems: signature, access token or API key of an account with the right INTEGRATE.

    `request.user` is the ServiceAccount: a User, so it can be named as who asked for a command.
    """

    authentication_classes: Any = [SignatureAuthentication, ApiKeyAuthentication, ServiceTokenAuthentication]
    permission_classes = [RightPermission]
    renderer_classes = [JSONRenderer]
    see_right = write_right = Right.INTEGRATE
