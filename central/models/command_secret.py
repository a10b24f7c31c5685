"""Secrets of an order on its way: apart from its parameters, encrypted, and gone when it has ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.fields import EncryptedTextField


class CommandSecret(models.Model):
    """What an order needs and nobody shall read: JSON, deleted with the end of its command."""

    command = models.OneToOneField(Command, models.CASCADE, primary_key=True, related_name="secret")
    content = EncryptedTextField(_("content"))

    class Meta:
        verbose_name = _("secret of a command")
        verbose_name_plural = _("secrets of commands")

    def __str__(self) -> str:
        return str(self.command_id)
