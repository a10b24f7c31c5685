"""Services of central."""
