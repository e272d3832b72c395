"""What a provisioning file says about Beiying, and the command that runs the whole file."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from providers.models import BeiyingSite, ProvisioningJob
from wallet.models import Channel

pytestmark = pytest.mark.django_db

SITE = {"channel_id": 7, "api_url": "http://127.0.0.1:8092", "site_id": 12, "secret_key": "k" * 32}


def provision(directory: Path, content: dict[str, Any]) -> str:
    path = directory / "file.json"
    path.write_text(json.dumps(content))
    output = StringIO()
    call_command("provision", path, stdout=output)
    return output.getvalue()


class TestTheProvisionCommand:
    def test_makes_the_site_before_the_players_who_need_it(self, tmp_path: Path) -> None:
        output = provision(
            tmp_path,
            {
                "players": [{"channel_id": 7, "username": "lily08"}],
                "beiying": [SITE],
                "channels": [{"channel_id": 7}],
            },
        )

        site = BeiyingSite.objects.get(channel=7)
        assert (site.api_url, site.site_id, site.secret_key) == (
            "http://127.0.0.1:8092",
            12,
            "k" * 32,
        )
        assert ProvisioningJob.objects.filter(player__username="lily08").count() == 1
        assert output.splitlines() == [
            "channels: 1 created, 0 updated, 0 kept",
            "beiying: 1 created, 0 updated, 0 kept",
            "players: 1 created, 0 updated, 0 kept",
        ]

    def test_keeps_what_a_second_file_leaves_out(self, tmp_path: Path) -> None:
        provision(tmp_path, {"channels": [{"channel_id": 7}], "beiying": [SITE]})

        provision(tmp_path, {"beiying": [{"channel_id": 7, "site_id": 13}]})

        site = BeiyingSite.objects.get(channel=7)
        assert (site.site_id, site.secret_key) == (13, "k" * 32)

    def test_reports_everything_and_writes_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError) as raised:
            provision(
                tmp_path,
                {
                    "channels": [{"channel_id": 7}],
                    "beiying": [
                        {"channel_id": 7, "api_url": "nowhere", "site_id": 0},
                        {"channel_id": 8, "api_url": "http://127.0.0.1:1", "site_id": "1"},
                    ],
                },
            )

        assert str(raised.value).splitlines() == [
            "Nothing was changed. 6 to put right:",
            "beiying[0].api_url: Enter a valid URL.",
            "beiying[0].site_id: Ensure this value is greater than or equal to 1.",
            "beiying[1].site_id: must be a whole number",
            "beiying[0].secret_key: is required: the channel has no site yet",
            "beiying[1].channel_id: there is no channel 8",
            "beiying[1].secret_key: is required: the channel has no site yet",
        ]
        assert not Channel.objects.filter(pk=7).exists()
