"""Services of billing."""
