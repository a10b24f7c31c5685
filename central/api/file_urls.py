"""URL table of the files for charge points, below /files/; many of them add the file's name to an address."""

from django.urls import path

from central.api.files import FirmwareFileView, LogFileView

urlpatterns = [
    path("logs/<str:token>", LogFileView.as_view()),
    path("logs/<str:token>/", LogFileView.as_view()),
    path("logs/<str:token>/<path:name>", LogFileView.as_view()),
    path("firmware/<str:token>/<path:name>", FirmwareFileView.as_view()),
]
