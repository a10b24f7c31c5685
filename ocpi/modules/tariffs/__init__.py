"""Tariffs (OCPI 2.2.1 §11)."""
