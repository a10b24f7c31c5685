"""Tokens and real-time authorisation (OCPI 2.2.1 §12)."""
