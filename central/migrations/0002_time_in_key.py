"""PostgreSQL keys of the tables that will be partitioned contain the time, from the first row on."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLES = (("central_metervalue", "sampled_at"), ("central_message", "at"))


def put_time_into_key(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A partitioned table's key must contain what it is partitioned by."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, column in TABLES:
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY (id, {column})")


def take_time_out_of_key(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Back to Django's own key."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, _ in TABLES:
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY (id)")


class Migration(migrations.Migration):
    """The key, not Django's idea of it, changes."""

    dependencies = [("central", "0001_initial")]
    operations = [migrations.RunPython(put_time_into_key, take_time_out_of_key)]
