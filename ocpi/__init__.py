"""The room that roams: partners and every OCPI module."""
