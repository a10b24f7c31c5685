"""Access tokens that were ended before their time."""

from django.db import models


class RevokedToken(models.Model):
    """The id (`jti`) of a token that counts no more; kept until the token would have ended by itself."""

    jti = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti
