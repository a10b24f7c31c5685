"""The monitor of a charge point: enrols it, watches its engine, reports to Central."""
