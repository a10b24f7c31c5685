"""The admin site itself: its titles, and no pages for groups (roles replace them) and the fixed schedule."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

for each in [table for table in admin.site._registry if table._meta.app_label == "oauth2_provider"]:  # noqa: SLF001 -- the only list of its pages
    # Its tables know no organisations: applications are made by `manage.py createapplication`.
    admin.site.unregister(each)

admin.site.index_title = _("Overview")

for model in (Group, ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
