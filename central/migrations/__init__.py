"""Migrations of central."""
