"""Signing in as staff: password, second factor, lock-out, networks, sessions."""
