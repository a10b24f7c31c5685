"""Charging profiles (OCPI 2.2.1 §14)."""
