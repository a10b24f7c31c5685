"""Hosts see the sites that their login names; those who were there go on seeing all of their organisation's."""

from django.db import migrations, models


def give_all(apps, schema_editor):
    User = apps.get_model("registry", "User")
    Site = apps.get_model("registry", "Site")
    for user in User.objects.filter(role="partner").exclude(organization=None):
        user.sites.set(Site.objects.filter(organization_id=user.organization_id))


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_sites_for_partners")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="sites",
            field=models.ManyToManyField(
                blank=True,
                help_text="What a partner (a host) sees; other roles see all sites of the organisation.",
                related_name="hosts",
                to="registry.site",
                verbose_name="sites",
            ),
        ),
        migrations.RunPython(give_all, migrations.RunPython.noop),
    ]
