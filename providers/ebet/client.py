"""eBET's API as a channel calls it: signed JSON POSTs to {base}/<event>.

Only the fields named in each formula are signed, concatenated without separators;
a username that is left out is left out of the text as well. eBET's own samples
send the timestamp in seconds although its text says milliseconds, so the unit is
the caller's choice.
"""

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import msgspec

from providers import http, wire
from providers.codes import error_for
from providers.ebet.answers import SUCCESS, classify
from providers.ebet.signing import sign
from providers.errors import AlreadyExists, OutcomeUnknown

LARGEST_PAGE: Final = 5000
_REGISTERED: Final = 401
"""What syncuser answers for a known player; elsewhere the same number is a bad login."""


class _Answer(msgspec.Struct, rename="camel"):
    status: int
    api_version: str = ""


class WalletMoney(msgspec.Struct, rename="camel"):
    """One of the seven wallets that eBET keeps for a player."""

    type_id: int
    money: Decimal


class UserInfo(msgspec.Struct, rename="camel"):
    """A player as eBET knows it: the answer of callback and userinfo.

    Only the status decides; what else eBET leaves out is simply not known.
    """

    user_id: int | None = None
    username: str = ""
    money: Decimal | None = None
    wallet: list[WalletMoney] = []
    channel_id: int | str = ""
    sub_channel_id: int | str = 0
    timestamp: int = 0


class LaunchUrl(msgspec.Struct, rename="camel"):
    """Where the channel's H5 games are."""

    launch_url: str


class SeqNoRecord(msgspec.Struct, rename="camel"):
    """One message that eBET sent to the channel, as eBET remembers it."""

    seq_no: str
    username: str
    event: str
    start_request_time: str
    end_response_time: str
    status: int


class SeqNoPage(msgspec.Struct, rename="camel"):
    """A page of eBET's memory; `remaining_visit` counts down from 500 a minute."""

    count: int
    remaining_visit: int = 0
    records: list[SeqNoRecord] = msgspec.field(name="seqNoHistorys", default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One channel's access. Every method raises the family of `providers.errors`."""

    base_url: str
    channel_id: int
    private_pem: str = field(repr=False)
    milliseconds: bool = False
    log: list[http.Exchange] = field(default_factory=list)

    def callback(
        self, *, username: str, access_token: str, sub_channel_id: int | None = None
    ) -> UserInfo:
        """Tell eBET that a player signed in on the hosted login page."""
        timestamp = self._now()
        info = self._call(
            "callback",
            UserInfo,
            signed=f"{username}{self.channel_id}{access_token}{timestamp}",
            username=username,
            timestamp=timestamp,
            accessToken=access_token,
            subChannelId=sub_channel_id,
        )
        return _of(username, info)

    def syncuser(self, *, username: str, sub_channel_id: int | None = None) -> None:
        """Create the player at eBET. Raises AlreadyExists when eBET has it."""
        self._call(
            "syncuser", _Answer, signed=username, username=username, subChannelId=sub_channel_id
        )

    def userinfo(self, *, username: str) -> UserInfo:
        """The player as eBET knows it. Raises NotThere when it does not."""
        timestamp = self._now()
        info = self._call(
            "userinfo",
            UserInfo,
            signed=f"{username}{timestamp}",
            username=username,
            timestamp=timestamp,
        )
        return _of(username, info)

    def logout(self, *, username: str) -> None:
        """Throw the player out of eBET's games."""
        timestamp = self._now()
        self._call(
            "logout",
            _Answer,
            signed=f"{username}{self.channel_id}{timestamp}",
            username=username,
            timestamp=timestamp,
        )

    def launch_url(self, *, currency: str, in_china: bool | None = None) -> str:
        """The newest address of the channel's H5 games."""
        timestamp = self._now()
        return self._call(
            "launchUrl",
            LaunchUrl,
            signed=f"{self.channel_id}{timestamp}",
            timestamp=timestamp,
            currency=currency,
            china=None if in_china is None else str(int(in_china)),
        ).launch_url

    def getseqnorecord(
        self,
        *,
        start: str,
        end: str,
        username: str | None = None,
        page: int = 1,
        page_size: int = LARGEST_PAGE,
    ) -> SeqNoPage:
        """What eBET sent us between two times.

        `yyyy-MM-dd HH:mm:ss` is read as UTC+8, `yyyy-MM-ddTHH:mm:ssZ` as UTC.
        """
        timestamp = self._now()
        return self._call(
            "getseqnorecord",
            SeqNoPage,
            signed=f"{username or ''}{self.channel_id}{timestamp}",
            username=username,
            timestamp=timestamp,
            startTimeStr=start,
            endTimeStr=end,
            pageNum=page,
            pageSize=page_size,
        )

    def _now(self) -> int:
        return time.time_ns() // (1_000_000 if self.milliseconds else 1_000_000_000)

    def _call(self, event: str, shape: type[wire.T], *, signed: str, **members: Any) -> wire.T:
        body = wire.json_object(
            channelId=self.channel_id, **members, signature=sign(self.private_pem, signed)
        )
        answer = http.post_json(
            url=wire.join(self.base_url, event), body=wire.encode(body), headers={}, log=self.log
        )
        wire.check_http_status(answer)
        parsed = wire.decode(answer.body, _Answer)
        if event == "syncuser" and parsed.status == _REGISTERED:
            raise AlreadyExists(str(parsed.status), "already registered")
        if parsed.status != SUCCESS:
            raise error_for(classify(parsed.status), code=str(parsed.status), message="")
        return wire.decode(answer.body, shape)


def _of(username: str, info: UserInfo) -> UserInfo:
    if info.username.lower() not in ("", username):
        raise OutcomeUnknown(str(SUCCESS), "answered for another player")
    return info
