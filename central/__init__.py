"""The room that talks: charge points, sessions, commands, OCPP."""
