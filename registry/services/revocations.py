"""Access tokens that end before their time: one token by its id, or all that a login has."""

from datetime import datetime

from django.db.models import F

from registry.models import RevokedToken, User


def token_revoke(*, jti: str, expires_at: datetime, now: datetime) -> None:
    """End one token, in all processes with the next request; forgets those that ended by themselves."""
    RevokedToken.objects.filter(expires_at__lt=now).delete()
    RevokedToken.objects.get_or_create(jti=jti[:64], defaults={"expires_at": expires_at})


def is_revoked(jti: str) -> bool:
    """True for a token that was ended."""
    return RevokedToken.objects.filter(jti=jti[:64]).exists()


def user_tokens_end(*, user: User, now: datetime) -> None:
    """End every access and refresh token of a person or service account."""
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    user.refresh_from_db(fields=["token_version"])
