"""URL table of what monitors tell Central."""

from central.api.enrolment import AnnounceView, ReportView
from registry.api.paths import both

urlpatterns = [
    *both("cp/register", AnnounceView),
    *both("cp/<str:cp_id>/fault", ReportView, fault=True),
    *both("cp/<str:cp_id>/recovered", ReportView, fault=False),
]
