"""Selectors of central."""
