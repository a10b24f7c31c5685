"""Platforms of others, run by interpreters of their own."""
