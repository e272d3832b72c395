from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from wallet import players
from wallet.models import AccessToken, Agent, Channel, Player, PlayerSession, Wallet, WalletType
from wallet.provisioning.agents import (
    check_channel,
    check_sub_channel,
    read_sub_channel,
    sub_channel_ids,
)
from wallet.provisioning.credentials import Credentials, Token, read_sessions, read_tokens
from wallet.provisioning.document import UNSET, Item, Members
from wallet.provisioning.run import Section, update

FIELDS: Final = {name: name for name in ("currency", "status", "nickname", "user_id", "alias")}
DECIMAL: Final = re.compile(r"\d{1,16}(\.\d{1,4})?", re.ASCII)
REASON: Final = "provisioned"


@dataclass
class _Player:
    item: Item
    channel_id: int
    username: str
    values: dict[str, Any]
    password: str
    sub_channel: Any
    agent: Any
    wallets: dict[int, Decimal]
    tokens: list[Token]
    sessions: list[Token]

    @property
    def key(self) -> tuple[int, str]:
        return self.channel_id, self.username


class Players(Section):
    name = "players"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._rows: list[_Player] = []
        self._existing: dict[tuple[int, str], Player] = {}
        self._types = WalletType.objects.in_bulk()
        self._tokens = Credentials(AccessToken, self.run, "access token")
        self._sessions = Credentials(PlayerSession, self.run, "session")

    def read(self, item: Item) -> None:
        channel_id = item.value("channel_id", Channel, "id", required=True)
        username = _read_username(item)
        row = _Player(
            item=item,
            channel_id=channel_id,
            username=username,
            values=item.values(Player, FIELDS),
            password=_read_password(item),
            sub_channel=read_sub_channel(item),
            agent=None if item.get("agent_id") is None else item.value("agent_id", Agent),
            wallets=self._read_wallets(item),
            tokens=read_tokens(item),
            sessions=read_sessions(item),
        )
        if channel_id is not UNSET and username:
            self.run.once(item.place, "player", channel_id, username)
            self._rows.append(row)

    def _read_wallets(self, item: Item) -> dict[int, Decimal]:
        value = item.get("wallets")
        if value is UNSET:
            return {}
        if not isinstance(value, Members):
            item.problem('must be an object such as {"0": "1000.01"}', at="wallets")
            return {}
        wallets = {}
        for number, amount in value.items():
            place = f"wallets.{number}"
            if number not in {str(key) for key in self._types}:
                item.problem("there is no such wallet type", at=place)
            elif not isinstance(amount, str):
                item.problem('write the amount as text, such as "1000.01"', at=place)
            elif not DECIMAL.fullmatch(amount):
                item.problem("must be an amount from 0, with at most 4 decimals", at=place)
            else:
                wallets[int(number)] = Decimal(amount)
        return wallets

    def check(self) -> None:
        in_channels = Player.objects.filter(channel__in={row.channel_id for row in self._rows})
        named = in_channels.filter(username__in={row.username for row in self._rows})
        self._existing = {(player.channel_id, player.username): player for player in named}
        for row in self._rows:
            if not check_channel(self, row.item, row.channel_id):
                continue
            check_sub_channel(self, row.item, row.channel_id, row.sub_channel)
            if row.agent and (row.channel_id, row.agent) not in self.run.agents:
                row.item.problem(f"there is no agent “{row.agent}”", at="agent_id")
            if player := self._existing.get(row.key):
                _check_existing(row, player)
        for name in ("user_id", "alias"):
            self._check_unique(name, in_channels)
        for credentials, member in ((self._tokens, "tokens"), (self._sessions, "sessions")):
            credentials.load(
                [(*row.key, token) for row in self._rows for token in getattr(row, member)]
            )

    def _check_unique(self, name: str, in_channels: Any) -> None:
        given = {row.values.get(name) for row in self._rows} - {None}
        owners = {
            (channel_id, value): username
            for channel_id, value, username in in_channels.filter(
                **{f"{name}__in": given}
            ).values_list("channel_id", name, "username")
        }
        for row in self._rows:
            value = row.values.get(name)
            if value is None:
                continue
            self.run.once(row.item.at(name), name, row.channel_id, value)
            if owners.get((row.channel_id, value), row.username) != row.username:
                row.item.problem("belongs to another player of the channel", at=name)

    def apply(self) -> None:
        channels = Channel.objects.in_bulk({row.channel_id for row in self._rows})
        sub_channels = sub_channel_ids(set(channels))
        agents = {
            (agent.channel_id, agent.agent_id): agent
            for agent in Agent.objects.filter(channel__in=channels).select_related("sub_channel")
        }
        for row in self._rows:
            if row.values.get("user_id", UNSET) is None:
                del row.values["user_id"]  # null: the number there is, or the next free one
            agent = agents[row.channel_id, row.agent] if row.agent else None
            if row.agent is not UNSET:
                row.values["agent_id"] = agent.pk if agent else None
            if row.sub_channel is not UNSET:
                row.values["sub_channel_id"] = sub_channels.get((row.channel_id, row.sub_channel))
            player = self._existing.get(row.key)
            created = player is None
            if player is None:
                player = _register(row, channels[row.channel_id], agent)
            written = [
                self._update(row, player, new=created),
                *[self._tokens.add_token(player, token) for token in row.tokens],
                *[self._sessions.add_session(player, token) for token in row.sessions],
            ]
            self.run.report.count(self.name, created=created, changed=any(written))

    def _update(self, row: _Player, player: Player, *, new: bool) -> bool:
        values = {name: value for name, value in row.values.items() if name != "status"}
        changed = bool(update(player, values))
        if new:
            return changed
        status = row.values.get("status", player.status)
        if status != player.status:
            change = {"active": players.unlock, "locked": players.lock, "closed": players.close}
            change[status](player=player, reason=REASON)
            changed = True
        if row.password and not players.check_password(player=player, password=row.password):
            players.reset_password(player=player, password=row.password)
            changed = True
        return self._open_wallets(row, player) or changed

    def _open_wallets(self, row: _Player, player: Player) -> bool:
        used = Wallet.objects.filter(player=player, version__gt=0)
        opened = set(used.values_list("type_id", flat=True))
        for number, balance in row.wallets.items():
            if number in opened:
                self.run.report.note(
                    f"{row.item.at('wallets')}.{number}: {row.channel_id}/{row.username} has this"
                    " wallet already, its balance stays as it is"
                )
            else:
                players.open_wallet(
                    player=player, wallet_type=self._types[number], opening_balance=balance
                )
        return bool(row.wallets.keys() - opened)


def _register(row: _Player, channel: Channel, agent: Agent | None) -> Player:
    return players.register(
        channel=channel,
        username=row.username,
        password=row.password,
        agent=agent,
        opening_balances=row.wallets,
        **{
            name: row.values[name]
            for name in ("currency", "nickname", "user_id", "alias", "status")
            if name in row.values
        },
    )


def _check_existing(row: _Player, player: Player) -> None:
    if row.values.get("currency", player.currency) != player.currency:
        row.item.problem(f"stays {player.currency}: the player has wallets in it", at="currency")
    closed = Player.Status.CLOSED
    if player.status == closed and row.values.get("status", closed) != closed:
        row.item.problem("a closed account stays closed", at="status")


def _read_username(item: Item) -> str:
    """The normalised name, or "" when there is a problem."""
    value = item.get("username", required=True)
    if isinstance(value, str):
        try:
            return players.normalise_username(value)
        except players.BadUsername as error:
            item.problem(error, at="username")
    elif value is not UNSET:
        item.problem("must be text", at="username")
    return ""


def _read_password(item: Item) -> str:
    """The password, or "" for none."""
    value = item.get("password")
    if isinstance(value, str) and value:
        try:
            players.check_password_policy(value)
        except players.BadPassword as error:
            item.problem(error, at="password")
        return value
    if value not in (UNSET, None, ""):
        item.problem("must be text", at="password")
    return ""
