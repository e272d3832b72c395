"""The provisioning file of the README, and what it takes to run one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from wallet.provisioning import Agents, Channels, Players, Report, Staff, provision

WEAK_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMRrR+pYcgdgKDWMc20Qi+0qs4rG3Fha
oXvtfDOvmVrtxkbz6lvowKDCkWJeP6zG79sCxQrTwcIF2rgidmZHHmMCAwEAAQ==
-----END PUBLIC KEY-----
"""

DOCUMENT: dict[str, Any] = {
    "channels": [
        {
            "channel_id": 7,
            "name": "North",
            "currency": "CNY",
            "status": "active",
            "allowed_networks": ["127.0.0.1/32"],
            "timestamp_tolerance": 600,
            "auto_register": False,
            "serve_callback": True,
            "ebet_api_url": "http://127.0.0.1:8090",
            "launch_url": "https://games.example/h5",
            "refund_mode": "ebet",
            "open_payout": False,
            "batch_refund_signatures": ["timestamp"],
            "allow_weak_keys": True,
            "compat_userName": False,
            "wallet_routes": {"5": 1},
            "keys": [{"state": "active", "public_key": "k1.pub.pem", "private_key": "k1.pem"}],
            "sub_channels": [{"sub_channel_id": 3, "name": "North-3"}],
        }
    ],
    "agents": [
        {
            "agent_id": "acme01",
            "channel_id": 7,
            "sub_channel_id": 3,
            "api_url": "http://127.0.0.1:8091",
            "api_username": "acme",
            "api_password": "acme-secret",
            "free_credit": False,
        }
    ],
    "players": [
        {
            "channel_id": 7,
            "username": "lily08",
            "password": "pw-lily",
            "currency": "CNY",
            "status": "active",
            "nickname": "Lily",
            "sub_channel_id": 3,
            "agent_id": "acme01",
            "user_id": 5001,
            "wallets": {"0": "1000.01"},
            "alias": None,
            "access_tokens": ["tk-ok", {"token": "tk-old", "expires_at": "2026-01-01T00:00:00Z"}],
            "sessions": ["s-1"],
        }
    ],
    "staff": [
        {"username": "fin", "password": "river-otter-41", "role": "Finance", "channels": [7]}
    ],
}

Run = Callable[[dict[str, Any]], Report]


def document() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(DOCUMENT)


@cache
def key_pair_pem(number: int) -> tuple[str, str]:
    """The public and the private half of a pair; the same number gives the same pair."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return public.decode(), private.decode()


def write_keys(directory: Path) -> None:
    for number in (1, 2):
        public, private = key_pair_pem(number)
        (directory / f"k{number}.pub.pem").write_text(public)
        (directory / f"k{number}.pem").write_text(private)
    (directory / "weak.pub.pem").write_text(WEAK_PUBLIC_KEY)


def run_in(directory: Path) -> Run:
    """A function that provisions a document whose key files lie in the directory."""

    def run(content: dict[str, Any]) -> Report:
        path = directory / "file.json"
        path.write_text(json.dumps(content, ensure_ascii=False))
        return provision(path, (Channels, Agents, Players, Staff))

    return run
