"""The edge that partners speak to."""
