"""A charge point in software: the client side of OCPP 1.6, 2.0.1 and 2.1, for demos and tests."""
