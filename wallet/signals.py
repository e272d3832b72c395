"""What this app tells its neighbours, inside the transaction in which it happens."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with ``player`` by players.register, before its transaction commits: a receiver that writes
# to the database commits or rolls back together with the player.
player_registered = Signal()
