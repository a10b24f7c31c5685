"""Selectors of billing."""
