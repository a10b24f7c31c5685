"""Commands with results that come later (OCPI 2.2.1 §13)."""
