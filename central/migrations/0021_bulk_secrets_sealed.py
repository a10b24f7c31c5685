"""Bulk commands keep addresses with a password or a key encrypted; those that were kept in clear are sealed."""

import json

from django.db import migrations

import emobility.lib.fields
from emobility.lib.addresses import public_value

OPEN = ("planned", "running")


def seal(apps, schema_editor):
    """What is over needs its secrets no more."""
    bulks = apps.get_model("central", "BulkCommand")
    for bulk in bulks.objects.only("params", "state").iterator(chunk_size=500):
        shown = public_value(bulk.params)
        if shown != bulk.params:
            bulk.asked = json.dumps(bulk.params) if bulk.state in OPEN else ""
            bulk.params = shown
            bulk.save(update_fields=["params", "asked"])


class Migration(migrations.Migration):
    dependencies = [
        ("central", "0020_offline_spans"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkcommand",
            name="asked",
            field=emobility.lib.fields.EncryptedTextField(blank=True, editable=False),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
