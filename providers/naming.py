"""Which name a player gets at a target: deterministic, and unique there."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Final

from wallet.models import Player

ALIAS_LENGTH: Final = 12
"""What every provider takes: 12 of a-z and 2-7, beginning with a letter."""

_SALTS: Final = 100


def candidates(player: Player, *, derive: bool) -> Iterator[str]:
    """Names for the player, best first and the same every time.

    The own name, the alias that staff gave, and with `derive` names made from both
    channel and username. In lower case, as a provider may take Lily and lily for one.
    """
    yield player.username
    if player.alias:
        yield player.alias.lower()
    for salt in range(_SALTS if derive else 0):
        seed = f"{player.channel_id}:{player.username}:{salt}".encode()
        digest = base64.b32encode(hashlib.sha256(seed).digest()).decode("ascii").lower()
        yield f"p{digest[: ALIAS_LENGTH - 1]}"
