"""Passwords of tests: the product's algorithm at the least it can cost; other processes verify them too."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 without its price: one pass over 8 KiB."""

    time_cost, memory_cost, parallelism = 1, 8, 1
