"""Tests of the admin pages of central."""
