"""OCPP: frames, schemas, routing and the protocol state of connections."""
