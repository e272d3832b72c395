"""What the database knows about a message, read in one statement.

The channel with its keys, the player, and whatever else the event needs come back together, before
any guard has spoken: a second round trip would cost more than the columns that a refused message
did not need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callbacks.authentication import Key
from callbacks.members import MAX_INTEGER
from wallet.db import fetch_row
from wallet.network import Network, parse_network

_CHANNEL = """
    c.id, c.status, c.currency, c.allowed_networks, c.timestamp_tolerance, c.auto_register,
    c.serve_callback, c.open_payout, c.refund_mode, c.batch_refund_signatures, c.allow_weak_keys,
    c.compat_username, c.query_absolute_money, c.wallet_routes <> '{}', c.session_idle_minutes,
    k.ids, k.pems, k.bits"""
_CHANNEL_WIDTH = 18

# The active key first: it signed, unless the channel is just changing keys.
_FROM_CHANNEL = """
    FROM wallet_channel c
    LEFT JOIN LATERAL (
        SELECT array_agg(id ORDER BY state, id) AS ids,
               array_agg(public_pem ORDER BY state, id) AS pems,
               array_agg(bits ORDER BY state, id) AS bits
          FROM wallet_channelkey WHERE channel_id = c.id AND state IN ('active', 'next')
    ) k ON true"""

_PLAYER = """
    p.id, p.username, p.status, p.currency, p.user_id, p.nickname,
    coalesce((SELECT number FROM wallet_subchannel WHERE id = p.sub_channel_id), 0)"""
_PLAYER_WIDTH = 7
_JOIN_PLAYER = "LEFT JOIN wallet_player p ON p.channel_id = c.id AND p.username = %(username)s"

_JOIN_SESSION = """
    LEFT JOIN wallet_playersession s
           ON s.channel_id = c.id AND s.digest = %(session)s AND s.player_id = p.id
          AND s.ended_at IS NULL
          AND (s.fixed OR s.last_used_at >= now() - c.session_idle_minutes * interval '1 minute')"""
_NO_PLAYER = ", ".join(["NULL"] * _PLAYER_WIDTH)

_JOIN_REFUND_REQUEST = """
    LEFT JOIN callbacks_refundrequest q
           ON q.channel_number = c.id AND q.event = %(event)s AND q.seq_no = %(seq_no)s"""

_SESSION = "s.id, s.last_used_at < now() - interval '1 minute'"

_JOIN_WALLET = """
    LEFT JOIN wallet_wallet w
           ON w.player_id = p.id
          AND w.type_id = coalesce((c.wallet_routes ->> %(table_type)s::text)::integer, 0)"""


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """The channel's row and switches, with the keys that may sign."""

    id: int
    status: str
    currency: str
    allowed_networks: Sequence[str]
    timestamp_tolerance: int
    auto_register: bool
    serve_callback: bool
    open_payout: bool
    refund_mode: str
    batch_refund_signatures: Sequence[str]
    allow_weak_keys: bool
    compat_username: bool
    query_absolute_money: bool
    has_routes: bool
    session_idle_minutes: int
    key_ids: Sequence[int] | None
    key_pems: Sequence[str] | None
    key_bits: Sequence[int] | None

    @property
    def networks(self) -> list[Network]:
        return [parse_network(text) for text in self.allowed_networks]

    @property
    def keys(self) -> list[Key]:
        rows = zip(self.key_ids or (), self.key_pems or (), self.key_bits or (), strict=True)
        return [Key(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PlayerContext:
    """The player's row. `sub_channel` is eBET's number, 0 for none."""

    id: int
    username: str
    status: str
    currency: str
    user_id: int
    nickname: str
    sub_channel: int

    @property
    def is_active(self) -> bool:
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Context:
    """One answer of the database. `extra` is what the event asked for besides."""

    channel: ChannelContext
    player: PlayerContext | None
    extra: Sequence[Any]


CHANNEL_SQL = f"SELECT {_CHANNEL} {_FROM_CHANNEL} WHERE c.id = %(channel)s"
"""For events of the channel as a whole."""


def player_sql(columns: str, joins: str) -> str:
    """The statement for an event of one player, with the event's own columns and joins."""
    return (
        f"SELECT {_CHANNEL}, {_PLAYER}, {columns} {_FROM_CHANNEL} {_JOIN_PLAYER} {joins}"
        " WHERE c.id = %(channel)s"
    )


SYNC_SQL = player_sql(f"{_SESSION}, w.balance", _JOIN_SESSION + _JOIN_WALLET)

NOTICE_SQL = player_sql(
    """t.id,
    ARRAY(SELECT type_id FROM wallet_wallet WHERE player_id = p.id ORDER BY type_id),
    ARRAY(SELECT balance FROM wallet_wallet WHERE player_id = p.id ORDER BY type_id)""",
    """LEFT JOIN wallet_accesstoken t
              ON t.channel_id = c.id AND t.digest = %(token)s AND t.player_id = p.id
             AND t.used_at IS NULL AND coalesce(t.expires_at > now(), true)""",
)

LOGIN_SQL = player_sql(
    """p.password, t.id, t.fixed,
    t.id IS NOT NULL AND t.used_at IS NULL AND coalesce(t.expires_at > now(), true),
    s.player_id,
    (SELECT count(*) FROM (
        SELECT FROM wallet_loginevent
         WHERE player_id = p.id AND at > now() - %(window)s * interval '1 second'
           AND at > coalesce((SELECT max(at) FROM wallet_loginevent
                               WHERE player_id = p.id AND outcome = 'forgiven'
                                 AND at > now() - %(window)s * interval '1 second'),
                             '-infinity')
           AND outcome IN ('wrong_password', 'unknown_token') LIMIT %(player_limit)s) failure),
    (SELECT count(*) FROM (
        SELECT FROM wallet_loginevent
         WHERE channel_id = c.id AND address = %(address)s::inet
           AND at > now() - %(window)s * interval '1 second'
           AND outcome IN ('wrong_password', 'unknown_token') LIMIT %(address_limit)s) failure)""",
    """LEFT JOIN wallet_accesstoken t
              ON t.channel_id = c.id AND t.digest = %(token)s AND t.player_id = p.id
       LEFT JOIN wallet_playersession s
              ON s.channel_id = c.id AND s.login_seq_no = %(seq_no)s
             AND s.event_type = %(event_type)s""",
)

MOVEMENT_SQL = player_sql(
    f"""{_SESSION}, w.id, e.wallet_id, e.player_id,
    EXISTS (SELECT FROM wallet_ledgerentry x
             WHERE x.channel_id = c.id AND x.reference = %(seq_no)s AND x.source <> %(source)s
               AND x.source LIKE 'ebet:%%')""",
    _JOIN_SESSION
    + _JOIN_WALLET
    + """
    LEFT JOIN wallet_ledgerentry e
           ON e.channel_id = c.id AND e.reference = %(seq_no)s AND e.source = %(source)s""",
)


QUERY_SQL = player_sql("0", "")

REFUND_SQL = player_sql(
    "w.id, w.balance, q.fingerprint, q.answer",
    f"""LEFT JOIN wallet_wallet w ON w.player_id = p.id AND w.type_id = 0
        {_JOIN_REFUND_REQUEST}""",
)

BATCH_SQL = (
    f"SELECT {_CHANNEL}, {_NO_PLAYER}, q.fingerprint, q.answer {_FROM_CHANNEL}"
    f" {_JOIN_REFUND_REQUEST} WHERE c.id = %(channel)s"
)


def read_context(sql: str, parameters: Mapping[str, Any]) -> Context | None:
    """One round trip; None when there is no such channel.

    `parameters` name the channel, and whatever else the statement asks for.
    """
    row = fetch_row(sql, parameters) if abs(parameters["channel"]) <= MAX_INTEGER else None
    if row is None:
        return None
    channel = ChannelContext(*row[:_CHANNEL_WIDTH])
    rest = row[_CHANNEL_WIDTH:]
    if not rest or rest[0] is None:
        return Context(channel, None, rest[_PLAYER_WIDTH:])
    return Context(channel, PlayerContext(*rest[:_PLAYER_WIDTH]), rest[_PLAYER_WIDTH:])
