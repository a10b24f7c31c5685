"""The Celery application: workers poke, rows are the truth; periodic sweeps find what a lost bell missed."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")

app = Celery("emobility")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
