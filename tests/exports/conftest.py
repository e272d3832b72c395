from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.exports.making import may_export
from tests.wallet.money import new_channel, unique
from wallet.models import Channel, StaffScope


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Path:
    """Where the files of exports appear."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "exports"


@pytest.fixture
def channel(committed_db: None) -> Channel:
    return new_channel()


@pytest.fixture
def clerk(channel: Channel) -> User:
    user = User.objects.create_user(unique("clerk"), is_staff=True)
    user.user_permissions.add(*may_export())
    StaffScope.objects.create(user=user, channel=channel)
    return user
