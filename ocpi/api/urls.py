"""Addresses below /ocpi/: the default organisation's, and each organisation's below its short name.

A role may stand before the rest: 2.1.1 has one versions URL for each (`/ocpi/cpo/versions`).
"""

from django.urls import re_path

from ocpi.api import views

OWNER = r"^(?:(?P<slug>(?!(?:cpo|emsp)/)[-\w]+)/)?(?:(?P<role>cpo|emsp)/)?"
VERSION = r"(?P<version>\d+(?:\.\d+)+)"

urlpatterns = [
    re_path(rf"{OWNER}versions/?$", views.versions, name="ocpi-versions"),
    re_path(rf"{OWNER}{VERSION}/?$", views.details, name="ocpi-details"),
    re_path(rf"{OWNER}{VERSION}/(?P<path>.+)$", views.endpoint, name="ocpi-endpoint"),
]
