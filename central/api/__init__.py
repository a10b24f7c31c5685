"""REST of central."""
