"""Credentials: registration, update and end of it (OCPI 2.2.1 §7)."""
