"""Tests: the tree mirrors the source; `journeys` crosses rooms, `conformance` follows case numbers."""
