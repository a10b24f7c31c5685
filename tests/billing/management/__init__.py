"""Tests of billing's commands."""
