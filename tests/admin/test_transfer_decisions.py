"""Deciding a transfer in doubt from its job's page."""

import pytest

from providers.models import ProviderTransfer, ProvisioningJob
from tests.admin.world import World, signed_in


@pytest.fixture
def address(world: World) -> str:
    """The action on a job that takes funds back and whose outcome nobody knows."""
    job = world.here.job
    ProvisioningJob.objects.filter(pk=job.pk).update(kind="take_back", in_doubt=True)
    ProviderTransfer.objects.filter(job=job).update(direction="take_back")
    return f"/admin/providers/provisioningjob/{job.pk}/decide/"


def _state(world: World) -> tuple[str, str]:
    transfer = ProviderTransfer.objects.select_related("job").get(job=world.here.job)
    return transfer.state, transfer.job.state


class TestDecidingATransfer:
    def test_asks_for_what_the_provider_says_and_for_the_reason(
        self, world: World, address: str
    ) -> None:
        client = signed_in(world.roles["Finance"])

        assert "What the provider says" in client.get(address).content.decode()
        client.post(address, {"carried_out": "", "reason": "they looked"})
        client.post(address, {"carried_out": "no", "reason": ""})

        assert _state(world) == ("open", "conflict")

    def test_gives_up_what_was_not_carried_out(self, world: World, address: str) -> None:
        client = signed_in(world.roles["Finance"])

        client.post(address, {"carried_out": "no", "reason": "they looked"})

        assert _state(world) == ("released", "cancelled")

    def test_is_not_for_roles_without_the_permission(self, world: World, address: str) -> None:
        client = signed_in(world.roles["Operations"])

        answer = client.post(address, {"carried_out": "no", "reason": "they looked"})

        assert answer.status_code == 403
        assert _state(world) == ("open", "conflict")

    def test_says_why_whoever_asked_for_the_transfer_cannot(
        self, world: World, address: str
    ) -> None:
        finance = world.roles["Finance"]
        ProviderTransfer.objects.update(requested_by=finance)

        answer = signed_in(finance).post(address, {"carried_out": "no", "reason": "they looked"})

        assert "somebody else must decide" in answer.content.decode()
        assert _state(world) == ("open", "conflict")
