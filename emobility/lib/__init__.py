"""Mechanisms that all rooms share: no tables, no knowledge of any room."""
