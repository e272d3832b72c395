"""Times as eBET writes them. Without Django, as the simulator reads them too."""

from datetime import datetime, timedelta, timezone
from typing import Final

_EAST_8: Final = timezone(timedelta(hours=8))


def parse_time(text: str) -> datetime | None:
    """A time of eBET's: with a Z it is UTC, without it is UTC+8. None for what is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_EAST_8)
