"""Tests of ocpi."""
