"""The OCPI modules: each side of each module announces itself when it is imported."""
