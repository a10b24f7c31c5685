"""Commands of ocpi."""
