"""Tests of the event log and what leaves it: numbers, webhooks, streams, MQTT."""
