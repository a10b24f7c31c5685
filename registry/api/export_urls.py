"""URL table of the exports, below /api/; the tables are those that the rooms registered at start."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from emobility.lib.exports import FORMS
from registry.api.export_tables import TABLES
from registry.api.exports import ExportJobViewSet, ExportTablesView, export_view
from registry.api.paths import both

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("export-jobs", ExportJobViewSet, basename="export-job")
urlpatterns: list[URLPattern | URLResolver] = [
    *both("exports", ExportTablesView),
    *(
        path(f"exports/{table.name}.{form}", export_view(table, form).as_view())
        for table in TABLES.values()
        for form in FORMS
    ),
    *router.urls,
]
