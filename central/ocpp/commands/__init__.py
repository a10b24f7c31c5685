"""Orders: one file for each intent, all versions side by side."""
