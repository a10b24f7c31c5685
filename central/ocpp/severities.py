"""The severities of monitors and their events (2.x N05, SetMonitoringLevel)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

SEVERITIES: Final = (
    (0, _("0 danger")),
    (1, _("1 hardware failure")),
    (2, _("2 system failure")),
    (3, _("3 critical")),
    (4, _("4 error")),
    (5, _("5 alert")),
    (6, _("6 warning")),
    (7, _("7 notice")),
    (8, _("8 informational")),
    (9, _("9 debug")),
)
USUAL: Final = 5
