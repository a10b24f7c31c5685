"""Tickets: what opens one live socket, once, for a program that cannot send a header."""

from django.conf import settings
from django.db import models


class SocketTicket(models.Model):
    """A secret for one handshake, kept as digest; whoever uses it up deletes the row, in any process."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"
