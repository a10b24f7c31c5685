"""Settings of files and exports."""

from emobility import env

EXPORT_STREAMS = env.integer("EXPORT_STREAMS", 4, minimum=1, maximum=100)
"""Exports that one process streams at once; half of them to one organisation. Each holds a connection."""
