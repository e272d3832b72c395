"""Changing the keys that secrets are encrypted with."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from wallet.management.commands.rotate_secrets import encrypted_fields
from wallet.models import Agent, Channel

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def agent(db: None, settings: Settings) -> Agent:
    """Its secret was stored under the old key."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    channel = Channel.objects.create(id=6001, name="North", currency="CNY")
    return Agent.objects.create(channel=channel, agent_id="acme01", api_password="acme-secret")


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_password FROM wallet_agent")
        [secret] = cursor.fetchone()
    return str(secret)


class TestRotatingSecrets:
    def test_puts_them_under_the_new_key(self, agent: Agent, settings: Settings) -> None:
        settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
        call_command("rotate_secrets", verbosity=0)
        settings.FIELD_ENCRYPTION_KEYS = [NEW]
        assert Agent.objects.get().api_password == "acme-secret"

    def test_covers_every_encrypted_column(self) -> None:
        names = {f"{model._meta.label_lower}.{field.name}" for model, field in encrypted_fields()}
        assert names >= {
            "wallet.agent.api_password",
            "wallet.channelkey.private_pem",
            "providers.beiyingsite.secret_key",
            "providers.provideraccount.password",
        }

    def test_twice_does_no_harm(self, agent: Agent, settings: Settings) -> None:
        settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
        call_command("rotate_secrets", verbosity=0)
        call_command("rotate_secrets", verbosity=0)
        assert Agent.objects.get().api_password == "acme-secret"

    def test_leaves_empty_secrets_empty(self, agent: Agent) -> None:
        Agent.objects.update(api_password="")
        call_command("rotate_secrets", verbosity=0)
        assert stored() == ""

    def test_names_what_no_key_opens_and_leaves_it(
        self, agent: Agent, settings: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings.FIELD_ENCRYPTION_KEYS = [NEW]
        before = stored()
        with pytest.raises(CommandError, match="1 secrets cannot be decrypted"):
            call_command("rotate_secrets")
        assert stored() == before
        output = capsys.readouterr()
        assert f"wallet.Agent {agent.pk}: api_password cannot be decrypted" in output.err
        assert "acme-secret" not in output.out + output.err
