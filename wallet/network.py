"""Who is calling: the address behind trusted proxies, and whether a channel lets it in."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def caller_address(request: HttpRequest) -> Address | None:
    """The nearest address that is not one of our own proxies; None when nobody can tell.

    X-Forwarded-For is read from its end, where the trusted proxies wrote, and only as far as
    they are trusted: what a caller claims about itself further left is never reached.
    """
    address = parse_address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    for hop in reversed(forwarded.split(",") if forwarded else []):
        if not is_in(address, settings.TRUSTED_PROXIES):
            break
        address = parse_address(hop.strip())
    return address


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """An address, with IPv4 unwrapped from IPv6; None for anything else.

    A zone (``fe80::1%eth0``) means something only on the machine that wrote it, and PostgreSQL
    does not take it.
    """
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def parse_network(text: str) -> Network:
    return ip_network(text)


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    """Whether the address lies in one of the networks; no network listed lets nobody in."""
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )
