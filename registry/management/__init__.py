"""Command line of the Registry."""
