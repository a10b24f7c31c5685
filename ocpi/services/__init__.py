"""Services of ocpi."""
