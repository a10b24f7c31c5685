"""Admin pages of OCPI: a file for each kind of object."""

from emobility.lib.discovery import import_all

import_all(__name__)
