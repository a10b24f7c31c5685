"""Events from before there were positions get their key as position: nobody is told of them any more."""

from django.db import migrations
from django.db.models import F, Max

BATCH = 20_000


def number(apps, schema_editor):
    Event = apps.get_model("registry", "Event")
    EventReader = apps.get_model("registry", "EventReader")
    last = Event.objects.aggregate(last=Max("id"))["last"] or 0
    for first in range(0, last + 1, BATCH):
        rows = Event.objects.filter(id__gte=first, id__lt=first + BATCH, position=None)
        rows.update(position=F("id"))
    EventReader.objects.update_or_create(name="numbering", defaults={"position": last})


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("registry", "0005_events_out")]

    operations = [migrations.RunPython(number, migrations.RunPython.noop)]
