"""Locations, EVSEs and connectors (OCPI 2.2.1 §8)."""
