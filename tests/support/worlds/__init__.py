"""Rows of a furnished world, a file for each subject: `furnish(world, number)` makes and keeps them."""
