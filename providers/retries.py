"""How long to wait before the next attempt."""

import secrets
from datetime import timedelta
from typing import Final

from providers.errors import Verdict

UNKNOWN_DELAYS: Final = (5, 30, 120, 600, 3600)
"""Seconds between attempts to find out; after the last of them a person is asked."""

PASSING_FIRST: Final = 2
PASSING_CAP: Final = 900
"""Seconds: doubling from the first to the cap, for as long as the provider is busy."""

_JITTER_PERCENT: Final = 20


def delay(verdict: Verdict, *, failures: int, unknowns: int) -> timedelta | None:
    """The wait after so many failures in a row, or None to stop trying.

    `unknowns` of them left the outcome unknown: busy days must not use up those attempts.
    """
    match verdict:
        case Verdict.UNKNOWN if unknowns <= len(UNKNOWN_DELAYS):
            seconds = UNKNOWN_DELAYS[unknowns - 1]
        case Verdict.PASSING:
            seconds = min(PASSING_CAP, PASSING_FIRST * 2 ** min(failures - 1, 20))
        case _:
            return None
    return jittered(seconds)


def jittered(seconds: int) -> timedelta:
    """`seconds` give or take a fifth, so that jobs that failed together part ways."""
    percent = 100 - _JITTER_PERCENT + secrets.randbelow(2 * _JITTER_PERCENT + 1)
    return timedelta(milliseconds=seconds * percent * 10)
