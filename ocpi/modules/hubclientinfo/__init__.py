"""Parties behind a hub, for its clients (OCPI 2.2.1 §15)."""
