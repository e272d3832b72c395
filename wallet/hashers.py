from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: some 17 ms, OWASP's first recommendation."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
