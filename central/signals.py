"""Facts of central: ids only, sent after commit (emobility.lib.bell)."""

from django.dispatch import Signal

session_started = Signal()
"""session_id"""

session_updated = Signal()
"""session_id"""

session_ended = Signal()
"""session_id: the end is a row; billing makes the CDR."""

connector_changed = Signal()
"""charge_point_id, connector_id"""

charge_point_changed = Signal()
"""charge_point_id: connection, boot, fault or monitor state changed."""

charge_point_disconnected = Signal()
"""charge_point_id: somebody took it from its connection, which has to end."""

knocks_changed = Signal()
"""Unknown ids knocked, or were taken off the list."""

tokens_changed = Signal()
"""organization_id: tags, their groups or the rules who may charge."""

token_accepted = Signal()
"""charge_point_id, id_token_id: it was shown at a charge point of 1.6 that shows prices."""

charge_point_booted = Signal()
"""charge_point_id: it has started, not only told of itself again."""

command_queued = Signal()
"""command_id, charge_point_id"""

command_finished = Signal()
"""command_id"""

charging_limits_changed = Signal()
"""charge_point_id: another system than ours limits it, or no longer; or a driver chose priority there."""

reservation_changed = Signal()
"""reservation_id"""
