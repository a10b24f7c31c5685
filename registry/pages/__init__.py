"""Pages of registry outside the admin's tables."""
