import pytest

from tests.admin.signing_in import NOW
from tests.admin.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes of authenticator apps do not change while a test runs."""
    monkeypatch.setattr("wallet.signin.factor.time", lambda: NOW)
