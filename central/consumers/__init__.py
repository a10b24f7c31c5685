"""Consumers: the WebSocket edges of central."""
