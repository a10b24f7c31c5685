"""Incoming actions: one file for each, all versions side by side."""
