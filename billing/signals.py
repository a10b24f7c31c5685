"""Facts of billing: ids only, sent after commit (emobility.lib.bell)."""

from django.dispatch import Signal

cdr_created = Signal()
"""cdr_id"""

cdr_released = Signal()
"""cdr_id: a review let it go."""

review_changed = Signal()
"""review_id: opened or decided."""
