"""A channel's keys over time: next, then active, then retired; never deleted."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet.keys import BadKey, key_pair
from wallet.models import Channel, ChannelKey
from wallet.models.channels import WEAK_KEY_BITS


class KeyRefused(Exception):
    """The key cannot be added or cannot change its state; nothing changed."""


def add_key(*, channel: Channel, public_pem: str, private_pem: str = "") -> ChannelKey:
    """Keep a pair that eBET issued, as the next one; active at once where there is none.

    Raises KeyRefused for what is no RSA pair, is there already, or is below 1024 bits where the
    channel does not allow it.
    """
    try:
        pair = key_pair(public_pem=public_pem, private_pem=private_pem)
    except BadKey as error:
        raise KeyRefused(str(error)) from error
    if pair.bits < WEAK_KEY_BITS and not channel.allow_weak_keys:
        raise KeyRefused(
            _("The key has %(bits)d bits; the channel does not allow keys below %(least)d bits.")
            % {"bits": pair.bits, "least": WEAK_KEY_BITS}
        )
    with transaction.atomic():
        keys = _locked_keys(channel)
        if any(key.fingerprint == pair.fingerprint for key in keys):
            raise KeyRefused(_("The channel has this key already."))
        first = not any(key.state == ChannelKey.State.ACTIVE for key in keys)
        return ChannelKey.objects.create(
            channel=channel,
            state=ChannelKey.State.ACTIVE if first else ChannelKey.State.NEXT,
            public_pem=pair.public_pem,
            private_pem=pair.private_pem,
            fingerprint=pair.fingerprint,
            bits=pair.bits,
        )


def activate_key(*, key: ChannelKey) -> None:
    """The next key becomes the active one, and the one before is retired. Raises KeyRefused."""
    with transaction.atomic():
        keys = {row.pk: row for row in _locked_keys(key.channel)}
        if keys[key.pk].state != ChannelKey.State.NEXT:
            raise KeyRefused(_("Only a key that is next can become active."))
        for row in keys.values():
            if row.state == ChannelKey.State.ACTIVE:
                _retire(row)
        key.state = ChannelKey.State.ACTIVE
        key.save(update_fields=["state"])


def retire_key(*, key: ChannelKey) -> None:
    """Messages signed with it are refused from now on. Raises KeyRefused when it is retired."""
    with transaction.atomic():
        current = next(row for row in _locked_keys(key.channel) if row.pk == key.pk)
        if current.state == ChannelKey.State.RETIRED:
            raise KeyRefused(_("The key is retired already."))
        _retire(current)


def _retire(key: ChannelKey) -> None:
    key.state, key.retired_at = ChannelKey.State.RETIRED, timezone.now()
    key.save(update_fields=["state", "retired_at"])


def _locked_keys(channel: Channel) -> list[ChannelKey]:
    # The channel's row is the lock: two rotations at once would both find the same active key.
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    return list(ChannelKey.objects.filter(channel=channel).order_by("pk"))
