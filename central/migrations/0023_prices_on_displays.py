"""Whether displays are told prices, as a rule of a place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("central", "0022_roaming_tokens")]

    operations = [
        migrations.AddField(
            model_name="authorizationpolicy",
            name="shows_costs",
            field=models.BooleanField(blank=True, null=True, verbose_name="displays are told prices"),
        ),
    ]
