"""eBET's table types, as callbacks name them. Its report APIs swap two of the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from django.db.models import F, Func, IntegerField, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

GAMES: Final[Mapping[int, StrPromise]] = MappingProxyType(
    {
        -1: _("lobby"),
        0: _("event bonus"),
        1: _("baccarat"),
        2: _("dragon tiger"),
        3: _("roulette"),
        4: _("sic bo"),
        5: _("slots"),
        8: _("bull bull"),
        23: _("fortune wheel"),
        24: _("electronic blackjack"),
        25: _("live blackjack"),
        27: _("mini games"),
        29: _("pok deng"),
        30: _("electronic card games"),
    }
)


class _Game(Func):
    """eBET's tableType out of an entry's detail."""

    function = "ledger_game"
    output_field = IntegerField()
    arity = 1


def of_game(number: int | None) -> Q:
    """The ledger's entries of one game, or of none; what takes another back is of its game."""
    game = Coalesce(_Game(F("reverses__detail")), _Game(F("detail")))
    return Q(IsNull(game, True) if number is None else Exact(game, number))  # noqa: FBT003
