"""The demo's provisioning file: the examples of the providers' documents, and a small world."""

from __future__ import annotations

import os
from typing import Any, Final

from providers.demo import files
from providers.simulators.beiying import Beiying
from providers.simulators.ebet import Ebet
from providers.simulators.hrg import Hrg
from providers.simulators.server import Simulator

MAIN_CHANNEL: Final = 1
EXAMPLES: Final = ("demo", "apitest01")  # players of the providers' documents
LOOPBACK: Final = ["127.0.0.1/32", "::1/128"]
# Channel, sub-channel, agent, parent.
AGENTS: Final = (
    (1, None, "hrgag", None),
    (1, 1, "hrgag01", "hrgag"),
    (20, 1, "yuegang", None),
    (20, 1, "yuegang01", "yuegang"),
    (20, 1, "yuegang02", "yuegang"),
    (20, 2, "haixia", None),
    (20, 2, "haixia01", "haixia"),
    (305, 1, "pacific", None),
    (305, 1, "pacific01", "pacific"),
    (305, None, "direct", None),
)
SUB_CHANNELS: Final = {
    1: {1: "Demo H5", 2: "Demo App"},
    20: {1: "粤港", 2: "海峡", 3: "新马"},
    305: {1: "Manila", 2: "Vancouver"},
}


def build_document(passwords: dict[str, str]) -> dict[str, Any]:
    """The file's content; the simulators' ports come from the environment."""
    return {
        "channels": [
            _channel(1, "Demo", "CNY", timestamp_tolerance=0),
            _channel(20, "南星 Southern Star", "CNY", auto_register=True, wallet_routes={"5": 1}),
            _channel(305, "Pacific", "USD", refund_mode="self"),
        ],
        "agents": [
            {
                "channel_id": channel,
                "agent_id": agent,
                "sub_channel_id": sub_channel or 0,
                "parent_id": parent,
            }
            | (_agent_api() if agent == "hrgag" else {})
            for channel, sub_channel, agent, parent in AGENTS
        ],
        "beiying": [
            {
                "channel_id": MAIN_CHANNEL,
                "api_url": _address(Beiying, "BEIYING_SIMULATOR_PORT"),
                "site_id": 1001,
                "secret_key": "0f8fad5bd9cb469fa16570867728950e",
            }
        ],
        "players": [
            {
                "channel_id": MAIN_CHANNEL,
                "username": "demo",
                "password": "hidden",
                "currency": "CNY",
                "user_id": 127001,
                "wallets": {"0": "1234567.89"} | {str(number): "0" for number in range(1, 7)},
                "access_tokens": [
                    "cb5ec14db7755109221800fe6ee331b5",
                    "584c26e798deffc96cc7af073c184cd0",
                ],
            },
            {
                "channel_id": MAIN_CHANNEL,
                "username": "apitest01",
                "currency": "CNY",
                "agent_id": "hrgag",
                "wallets": {"0": "1000.01"},
                "sessions": ["sessionToken"],
            },
        ],
        "staff": [
            {
                "username": username,
                "password": passwords[username],
                "role": role,
                "channels": [20] if role == "Risk" else [1, 20, 305],
            }
            for username, role in files.SIGN_INS.items()
            if role
        ],
    }


def _channel(number: int, name: str, currency: str, **more: Any) -> dict[str, Any]:
    return {
        "channel_id": number,
        "name": name,
        "currency": currency,
        "allowed_networks": LOOPBACK,
        "ebet_api_url": _address(Ebet, "EBET_SIMULATOR_PORT"),
        "launch_url": "https://games.example/h5",
        "keys": [
            {
                "state": "active",
                "public_key": files.PUBLIC_KEY,
                "private_key": files.PRIVATE_KEY,
            }
        ],
        "sub_channels": [
            {"sub_channel_id": sub, "name": sub_name}
            for sub, sub_name in SUB_CHANNELS[number].items()
        ],
        **more,
    }


def _agent_api() -> dict[str, Any]:
    return {
        "api_url": _address(Hrg, "HRG_SIMULATOR_PORT"),
        "api_username": "demo-agent-hrgag",
        "api_password": "demo-agent-hrgag",
    }


def _address(simulator: type[Simulator], variable: str) -> str:
    return f"http://127.0.0.1:{os.environ.get(variable) or simulator.default_port}"
