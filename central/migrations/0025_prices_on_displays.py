"""Whether displays are told prices, as a rule of a place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("central", "0024_groups_have_limits")]

    operations = [
        migrations.AddField(
            model_name="authorizationpolicy",
            name="shows_costs",
            field=models.BooleanField(blank=True, null=True, verbose_name="displays are told prices"),
        ),
    ]
