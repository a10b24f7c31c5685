"""Charge detail records (OCPI 2.2.1 §10)."""
