"""Facts of the registry: ids only, sent after commit."""

from django.dispatch import Signal

charge_point_registered = Signal()
"""charge_point_id: a charge point enrolled, for the first time or with new credentials."""

charge_point_revoked = Signal()
"""charge_point_id, reason: credentials or tokens died; open sockets must close within 5 seconds."""

charge_point_placed = Signal()
"""charge_point_id: its site, its location or its metadata may be others."""

site_changed = Signal()
"""site_id: the site or one of its parking places."""
