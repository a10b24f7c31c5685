"""Commands of central."""
