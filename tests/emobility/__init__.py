"""Tests of the composition root and of what all rooms share."""
