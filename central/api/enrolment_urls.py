"""URL table of what monitors tell Central; each path also with a trailing slash, without redirects."""

from django.urls import re_path

from central.api.enrolment import AnnounceView, ReportView

urlpatterns = [
    re_path(r"^cp/register/?$", AnnounceView.as_view()),
    re_path(r"^cp/(?P<cp_id>[^/]+)/fault/?$", ReportView.as_view(fault=True)),
    re_path(r"^cp/(?P<cp_id>[^/]+)/recovered/?$", ReportView.as_view(fault=False)),
]
