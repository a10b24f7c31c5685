"""Selectors of ocpi."""
