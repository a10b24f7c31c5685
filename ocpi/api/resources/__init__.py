"""REST resources of ocpi, below /api/: registered when they are imported."""
