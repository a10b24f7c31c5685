"""Facts of billing: ids only, sent after commit (emobility.lib.bell)."""

from django.dispatch import Signal

cdr_created = Signal()
"""cdr_id"""
