"""Pictures and pages of central."""
