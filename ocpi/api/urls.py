"""Addresses below /ocpi/: the default organisation's, and each organisation's below its short name."""

from django.urls import re_path

from ocpi.api import views

OWNER = r"^(?:(?P<slug>[-\w]+)/)?"
VERSION = r"(?P<version>\d+(?:\.\d+)+)"

urlpatterns = [
    re_path(rf"{OWNER}versions/?$", views.versions, name="ocpi-versions"),
    re_path(rf"{OWNER}{VERSION}/?$", views.details, name="ocpi-details"),
    re_path(rf"{OWNER}{VERSION}/(?P<path>.+)$", views.endpoint, name="ocpi-endpoint"),
]
