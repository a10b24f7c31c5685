"""REST of billing: tariffs and CDRs, read-only."""
