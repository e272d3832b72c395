"""The half of eBET that a channel calls: signed events and the players it knows."""

import json
import time
from typing import Any, Final

from providers.ebet.signing import verify
from providers.ebet.times import parse_time
from providers.simulators.server import Reply, Request, Simulator, json_reply

API_VERSION: Final = "1.6.3"
_FORMULAS: Final = {
    "callback": ("username", "channelId", "accessToken", "timestamp"),
    "syncuser": ("username",),
    "userinfo": ("username", "timestamp"),
    "logout": ("username", "channelId", "timestamp"),
    "launchUrl": ("channelId", "timestamp"),
    "getseqnorecord": ("username", "channelId", "timestamp"),
}
_REQUIRED: Final = {
    "callback": ("username", "timestamp", "accessToken"),
    "syncuser": ("username",),
    "userinfo": ("username", "timestamp"),
    "logout": ("username", "timestamp"),
    "launchUrl": ("timestamp",),
    "getseqnorecord": ("timestamp",),
}


class _Refusal(Exception):
    """Answered with this status."""


class Ebet(Simulator):
    """Rules: `keys` {channel id: public PEM} (absent: nobody), `launch_url`, `seq_nos`, `money`."""

    name = "ebet"
    default_port = 8090

    def answer(self, request: Request) -> Reply:
        event = request.path.removeprefix("/")
        if event not in _FORMULAS:
            return self.refusal("4029")
        try:
            members = _parsed(request.body)
            self._check_signature(event, members)
            data = getattr(self, f"_{event.lower()}")(members)
        except _Refusal as refusal:
            return self.refusal(str(refusal))
        return json_reply({**data, "status": 200, "apiVersion": API_VERSION})

    def refusal(self, code: str) -> Reply:
        return json_reply({"status": int(code), "apiVersion": API_VERSION})

    def _check_signature(self, event: str, members: dict[str, Any]) -> None:
        public_pem = self.rules.get("keys", {}).get(str(members.get("channelId")))
        if public_pem is None:
            raise _Refusal("202")
        for name in (*_REQUIRED[event], "signature"):
            if members.get(name) in (None, ""):
                raise _Refusal("4025")
        text = "".join(str(members.get(name) or "") for name in _FORMULAS[event])
        if not verify(public_pem, text, str(members["signature"])):
            raise _Refusal("4026")

    def _callback(self, members: dict[str, Any]) -> dict[str, Any]:
        return self._info(members, self._player(members, create=True))

    def _syncuser(self, members: dict[str, Any]) -> dict[str, Any]:
        if self.book.get("player", _key(members)):
            raise _Refusal("401")
        self._player(members, create=True)
        return {}

    def _userinfo(self, members: dict[str, Any]) -> dict[str, Any]:
        return self._info(members, self._player(members))

    def _logout(self, members: dict[str, Any]) -> dict[str, Any]:
        self._player(members)
        return {}

    def _launchurl(self, members: dict[str, Any]) -> dict[str, Any]:
        return {"launchUrl": self.rules.get("launch_url", "https://games.example/h5")}

    def _getseqnorecord(self, members: dict[str, Any]) -> dict[str, Any]:
        name = members.get("username")
        records = [
            record
            for record in self.rules.get("seq_nos", [])
            if (name is None or record["username"] == name) and _within(record, members)
        ]
        size, page = int(members.get("pageSize", 10)), int(members.get("pageNum", 1))
        return {
            "count": len(records),
            "remainingVisit": 499,
            "seqNoHistorys": records[(page - 1) * size : page * size],
        }

    def _player(self, members: dict[str, Any], *, create: bool = False) -> dict[str, Any]:
        player = self.book.get("player", _key(members))
        if player is None:
            if not create:
                raise _Refusal("4037")
            count = len(self.book.all().get("player", {}))
            player = {"userId": 88_900_001 + count, "username": members["username"]}
            self.book.put("player", _key(members), player)
        return player

    def _info(self, members: dict[str, Any], player: dict[str, Any]) -> dict[str, Any]:
        money = self.rules.get("money", 0)
        return {
            "channelId": members["channelId"],
            "subChannelId": members.get("subChannelId", 0),
            **player,
            "wallet": [
                {"typeId": type_id, "money": money if type_id == 0 else 0} for type_id in range(7)
            ],
            "money": money,
            "timestamp": int(time.time()),
        }


def _within(record: dict[str, Any], members: dict[str, Any]) -> bool:
    """Whether the record's time lies in the asked period; an end that is no time bounds nothing."""
    at = parse_time(record["startRequestTime"])
    start, end = (parse_time(str(members.get(name))) for name in ("startTimeStr", "endTimeStr"))
    return at is None or ((start is None or start <= at) and (end is None or at < end))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise _Refusal("4030")
    return members


def _key(members: dict[str, Any]) -> str:
    return f"{members['channelId']}/{members['username']}"
