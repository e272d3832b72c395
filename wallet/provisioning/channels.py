from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import timezone

from wallet.keys import BadKey, KeyPair, key_pair
from wallet.models import Agent, Channel, ChannelKey, Player, SubChannel
from wallet.models.channels import WEAK_KEY_BITS, validate_routes
from wallet.provisioning.document import UNSET, Item
from wallet.provisioning.run import Section, update

DEFAULT_CURRENCY: Final = "CNY"
LARGEST_PEM: Final = 64 * 1024
# The document's names of the channel's fields.
FIELDS: Final = {
    "name": "name",
    "currency": "currency",
    "status": "status",
    "allowed_networks": "allowed_networks",
    "timestamp_tolerance": "timestamp_tolerance",
    "session_idle_minutes": "session_idle_minutes",
    "auto_register": "auto_register",
    "serve_callback": "serve_callback",
    "open_payout": "open_payout",
    "refund_mode": "refund_mode",
    "batch_refund_signatures": "batch_refund_signatures",
    "allow_weak_keys": "allow_weak_keys",
    "compat_userName": "compat_username",
    "query_absolute_money": "query_absolute_money",
    "wallet_routes": "wallet_routes",
    "ebet_api_url": "ebet_api_url",
    "launch_url": "launch_url",
}


@dataclass
class _Key:
    item: Item
    state: str | None
    pair: KeyPair


@dataclass
class _SubChannel:
    item: Item
    number: int
    name: str | None


@dataclass
class _Channel:
    item: Item
    id: int
    values: dict[str, Any]
    keys: list[_Key]
    sub_channels: list[_SubChannel]


class Channels(Section):
    name = "channels"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._rows: list[_Channel] = []

    def read(self, item: Item) -> None:
        number = item.value("channel_id", Channel, "id", required=True)
        values = item.values(Channel, FIELDS)
        if "wallet_routes" in values:
            try:
                validate_routes(values["wallet_routes"])
            except ValidationError as error:
                item.problem(" ".join(error.messages), at="wallet_routes")
        keys = [key for child in item.items("keys") if (key := self._read_key(child))]
        sub_channels = [
            sub for child in item.items("sub_channels") if (sub := self._read_sub_channel(child))
        ]
        if number is UNSET:
            return
        self.run.once(item.place, "channel", number)
        self._rows.append(_Channel(item, number, values, keys, sub_channels))
        if number not in self.run.currencies:
            self.run.currencies[number] = values.get("currency", DEFAULT_CURRENCY)
        for sub in sub_channels:
            self.run.once(sub.item.place, "sub-channel", number, sub.number)
            self.run.sub_channels.add((number, sub.number))

    def _read_key(self, item: Item) -> _Key | None:
        state = item.value("state", ChannelKey)
        public = self._read_pem(item, "public_key", required=True)
        private = self._read_pem(item, "private_key")
        item.close()
        if public is None or private is None:
            return None
        try:
            pair = key_pair(public_pem=public, private_pem=private)
        except BadKey as error:
            item.problem(error, at="private_key" if _is_public(public) else "public_key")
            return None
        return _Key(item, None if state is UNSET else state, pair)

    def _read_pem(self, item: Item, member: str, *, required: bool = False) -> str | None:
        """The text of a key file; "" when none is named, None when there is a problem."""
        path = item.get(member, required=required)
        if path is None or path is UNSET:
            return None if required else ""
        if not isinstance(path, str):
            item.problem("must be the path of a PEM file", at=member)
            return None
        try:
            with Path(self.run.directory, path).open(encoding="ascii") as file:
                return file.read(LARGEST_PEM)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a PEM file"
            item.problem(f"{path} cannot be read: {reason}", at=member)
            return None

    def _read_sub_channel(self, item: Item) -> _SubChannel | None:
        number = item.value("sub_channel_id", SubChannel, "number", required=True)
        name = item.value("name", SubChannel)
        item.close()
        if number is UNSET:
            return None
        return _SubChannel(item, number, None if name is UNSET else name)

    def check(self) -> None:
        existing = Channel.objects.in_bulk([row.id for row in self._rows])
        for row in self._rows:
            channel = existing.get(row.id)
            currency = row.values.get("currency")
            if (
                channel
                and currency not in (None, channel.currency)
                and Player.objects.filter(channel=channel).exists()
            ):
                row.item.problem(
                    f"stays {channel.currency}: the channel has players", at="currency"
                )
            self._check_keys(row, channel)
            if channel:
                self._check_sub_channels(row)

    def _check_keys(self, row: _Channel, channel: Channel | None) -> None:
        weak_allowed = row.values.get(
            "allow_weak_keys", channel.allow_weak_keys if channel else False
        )
        for key in row.keys:
            self.run.once(key.item.place, "key", row.id, key.pair.fingerprint)
            if key.pair.bits < WEAK_KEY_BITS and not weak_allowed:
                key.item.problem(
                    f"has {key.pair.bits} bits; fewer than {WEAK_KEY_BITS} need allow_weak_keys",
                    at="public_key",
                )

    def _check_sub_channels(self, row: _Channel) -> None:
        names = dict(SubChannel.objects.filter(channel=row.id).values_list("number", "name"))
        used = {
            number
            for model in (Player, Agent)
            for number in model.objects.filter(channel=row.id, sub_channel__isnull=False)
            .values_list("sub_channel__number", flat=True)
            .distinct()
        }
        for sub in row.sub_channels:
            known = names.get(sub.number)
            if sub.number in used and sub.name not in (None, known):
                sub.item.problem(f"stays “{known}”: the sub-channel is in use", at="name")

    def apply(self) -> None:
        existing = Channel.objects.in_bulk([row.id for row in self._rows])
        for row in self._rows:
            channel = existing.get(row.id)
            created = channel is None
            if channel is None:
                defaults = {"name": f"Channel {row.id}", "currency": DEFAULT_CURRENCY}
                channel = Channel.objects.create(pk=row.id, **(defaults | row.values))
            changed = bool(not created and update(channel, row.values))
            self.run.report.count(self.name, created=created, changed=changed)
            for key in self._in_order(row):
                self._apply_key(channel, key)
            for sub in row.sub_channels:
                self._apply_sub_channel(channel, sub)

    def _in_order(self, row: _Channel) -> list[_Key]:
        """The row's keys, the active one last. The first that the file calls active is; it signs.

        Others that it calls active become the next ones, which are accepted just as well.
        """
        active = [key for key in row.keys if key.state == ChannelKey.State.ACTIVE]
        others = [key for key in row.keys if key.state != ChannelKey.State.ACTIVE]
        further = [replace(key, state=ChannelKey.State.NEXT) for key in active[1:]]
        for key in further:
            self.run.report.note(
                f"{key.item.place}: another key of channel {row.id} is active, this one is next"
            )
        return [*others, *further, *active[:1]]

    def _apply_key(self, channel: Channel, key: _Key) -> None:
        values: dict[str, Any] = {}
        if key.pair.private_pem:
            values["private_pem"] = key.pair.private_pem
        if key.state:
            values["state"] = key.state
        if key.state == ChannelKey.State.ACTIVE:
            self._retire_active(channel, but=key.pair.fingerprint)
        known = channel.keys.filter(fingerprint=key.pair.fingerprint).first()
        if known is None:
            known = channel.keys.create(
                public_pem=key.pair.public_pem,
                fingerprint=key.pair.fingerprint,
                bits=key.pair.bits,
                **values,
            )
            created, changed = True, False
        else:
            created, changed = False, bool(update(known, values))
        retired = known.state == ChannelKey.State.RETIRED
        if retired != bool(known.retired_at):
            update(known, {"retired_at": timezone.now() if retired else None})
        self.run.report.count("keys", created=created, changed=changed)

    def _retire_active(self, channel: Channel, *, but: str) -> None:
        former = channel.keys.filter(state=ChannelKey.State.ACTIVE).exclude(fingerprint=but).first()
        if former:
            update(former, {"state": ChannelKey.State.RETIRED.value, "retired_at": timezone.now()})
            self.run.report.note(
                f"channel {channel.pk}: key {former.fingerprint[:12]} is retired, the file names"
                " another as active"
            )

    def _apply_sub_channel(self, channel: Channel, sub: _SubChannel) -> None:
        name = sub.name or f"Sub-channel {sub.number}"
        row, created = SubChannel.objects.get_or_create(
            channel=channel, number=sub.number, defaults={"name": name}
        )
        changed = bool(not created and sub.name and update(row, {"name": sub.name}))
        self.run.report.count("sub_channels", created=created, changed=changed)


def _is_public(pem: str) -> bool:
    try:
        key_pair(public_pem=pem)
    except BadKey:
        return False
    return True
