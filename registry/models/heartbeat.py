"""Signs of life of processes that serve nobody: the worker's and the scheduler's."""

from django.db import models


class Heartbeat(models.Model):
    """When a kind of process last proved itself; of several of a kind any one."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
