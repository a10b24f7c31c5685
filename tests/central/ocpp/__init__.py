"""Tests of the OCPP side of central."""
