"""URL table of the Registry's face."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("ocpi/", include("ocpi.api.urls")),
    path("", include("registry.api.urls")),
]
handler404 = "registry.api.not_found.not_found"
handler500 = "registry.api.not_found.server_error"
