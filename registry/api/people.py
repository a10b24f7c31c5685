"""Access tokens of people: JWTs of /api/token, ended by password, token version, or one by one."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.tokens import Token

from registry.services.revocations import is_revoked

VERSION = "ver"
FIRST = 1
"""The version of tokens that do not say theirs: those of a release before this claim."""


class PersonAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`; a login of a machine has no token of this kind."""

    def get_user(self, validated_token: Token) -> Any:
        """The active person; raises AuthenticationFailed where the token was ended."""
        user: Any = super().get_user(validated_token)
        ended = user.is_service or validated_token.get(VERSION, FIRST) != user.token_version
        if ended or is_revoked(str(validated_token.get("jti"))):
            raise AuthenticationFailed(_("The token is not valid any more."))
        return user
