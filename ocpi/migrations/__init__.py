"""Migrations of ocpi."""
