"""Template tags of central."""
