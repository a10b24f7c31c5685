"""Tests of central's WebSocket edges over real sockets."""
