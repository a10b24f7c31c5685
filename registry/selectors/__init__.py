"""Selectors of registry."""
