"""Admin pages of central: each module registers what it shows."""

from emobility.lib.discovery import import_all

import_all(__name__)
