"""Sessions (OCPI 2.2.1 §9)."""
