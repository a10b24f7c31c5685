"""Vendor messages that are understood: one file for each vendor id (see central/ocpp/vendor_table.py)."""
