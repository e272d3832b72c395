"""Registering at 贝盈: the outbox in PostgreSQL, the simulator over HTTP as witness."""

import json

import pytest

from providers import launching, operations, pushing
from providers.errors import Refused
from providers.models import BeiyingSite, ProviderAccount, ProvisioningJob, Target
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, the_job
from tests.providers.test_beiying_client import EXPECTED
from wallet.models import Player

State = ProvisioningJob.State
REGISTER, LOGIN = "/v1/account/register", "/v1/account/login"

CLASSES = {
    **dict.fromkeys(
        ["BADNAME", "BADPASSWORD", "CONTENT", "TYPE_ERROR", "DATEEROOR", "BADMONEY", "BANORDER"],
        State.REFUSED,
    ),
    **dict.fromkeys(
        ["NOORDER", "TRANSFER_NO_ACTION", "USERLOCK", "NOBALANCE", "ORDER_FAILD", "NOUSER"],
        State.REFUSED,
    ),
    "ORDER_NOTFOUND": State.REFUSED,
    **dict.fromkeys(["EXISTSUSER", "EXISTSORDER", "Faild", "NEW1"], State.CONFLICT),
    **dict.fromkeys(
        ["IP", "Authorization", "Sign", "STATUS", "DOMAIN", "CONFIGERROR", "NOSUPPORT", "NOCREDIT"],
        State.PAUSED,
    ),
    **dict.fromkeys(["TIMEOUT", "BUSY", "MAINTENANCE", "PROCCESSING"], State.PENDING),
    "Exception": State.UNKNOWN,
}


@pytest.fixture
def player(register: Register, site: BeiyingSite) -> Player:
    return register()


def push(site: BeiyingSite) -> int:
    """One round: what waits falls due and is pushed."""
    make_due()
    return pushing.push_target(target_id=site.target.pk, seconds=5)


class TestAPushThatSucceeds:
    def test_h01_registers_with_the_generated_password(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        push(site)
        account = ProviderAccount.objects.get()
        body = json.loads(beiying.bodies(REGISTER)[0])
        assert body == {"UserName": "lily08", "Password": account.password}
        assert the_job(player).state == State.DONE
        assert account.external_id == "1001"

    def test_keeps_no_password_in_its_history(self, site: BeiyingSite, player: Player) -> None:
        push(site)
        password = ProviderAccount.objects.get().password
        attempt = the_job(player).history.get()
        assert password not in " ".join(str(value) for value in vars(attempt).values())
        assert attempt.request == '{"UserName":"lily08","Password":"***"}'


class TestATakenName:
    def test_h07_on_the_first_attempt_is_a_conflict_for_a_person(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        beiying.simulator.book.put("account", "12/lily08", {"UserID": 5, "UserName": "lily08"})
        push(site)
        job = the_job(player)
        assert (job.state, job.code, job.message) == (
            State.CONFLICT,
            "EXISTSUSER",
            "simulated EXISTSUSER",
        )
        assert ProviderAccount.objects.get().confirmed_at is None
        assert push(site) == 0

    def test_h07_can_be_declared_ours(
        self, site: BeiyingSite, player: Player, beiying: Service, admin_id: int
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="EXISTSUSER"))
        push(site)
        operations.confirm(job_id=the_job(player).pk, reason="asked them", staff_id=admin_id)
        assert the_job(player).state == State.DONE
        assert ProviderAccount.objects.get().confirmed_by == "staff"

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(kind="drop_after"),
            Fault(kind="garbage"),
            Fault(kind="status_after", value=504),
        ],
    )
    def test_h08_after_an_unknown_attempt_of_ours_is_done(
        self, site: BeiyingSite, player: Player, beiying: Service, fault: Fault
    ) -> None:
        beiying.simulator.faults.add(fault)
        push(site)
        assert (the_job(player).state, the_job(player).in_doubt) == (State.UNKNOWN, True)
        push(site)
        assert the_job(player).state == State.DONE
        assert ProviderAccount.objects.get().confirmed_by == "existed"
        first, second = beiying.bodies(REGISTER)
        assert first == second
        assert beiying.count() == 1


class TestACode:
    def test_h09_list_is_complete(self) -> None:
        assert set(CLASSES) == {*EXPECTED, "NEW1"}

    @pytest.mark.parametrize(("code", "state"), CLASSES.items())
    def test_h09_makes_the_job_wait_stop_or_ask(
        self, site: BeiyingSite, player: Player, beiying: Service, code: str, state: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code))
        push(site)
        job = the_job(player)
        assert (job.state, job.code, job.message) == (state, code, f"simulated {code}")
        stopped = Target.objects.get().state == Target.State.TRIPPED
        assert stopped == (state == State.PAUSED)
        assert beiying.count() == 0

    def test_h12_exception_is_sent_again_with_the_same_name(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="Exception"))
        push(site)
        assert the_job(player).state == State.UNKNOWN
        push(site)
        assert the_job(player).state == State.DONE
        first, second = beiying.bodies(REGISTER)
        assert first == second

    @pytest.mark.parametrize("code", ["BUSY", "MAINTENANCE", "TIMEOUT", "PROCCESSING"])
    def test_h13_passing_three_times_is_done_at_the_fourth(
        self, site: BeiyingSite, player: Player, beiying: Service, code: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code, times=3))
        waits = []
        for _round in range(4):
            push(site)
            job = the_job(player)
            if job.next_attempt_at:
                waits.append((job.next_attempt_at - job.history.latest("id").at).total_seconds())
        assert (job.state, job.attempts) == (State.DONE, 4)
        assert 1.5 < waits[0] < 2.5 < waits[1] < 4.9 < waits[2] < 9.7

    def test_h13_passing_for_days_is_tried_every_quarter_of_an_hour(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="BUSY"))
        ProvisioningJob.objects.update(failures=10_000)
        push(site)
        job = the_job(player)
        assert job.next_attempt_at is not None
        wait = (job.next_attempt_at - job.history.latest("id").at).total_seconds()
        assert 715 < wait < 1085

    def test_h12_exception_after_busy_days_is_found_out_from_the_beginning(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="BUSY", times=9))
        beiying.simulator.faults.add(Fault(kind="code", value="Exception"))
        for _round in range(10):
            push(site)
        job = the_job(player)
        assert (job.state, job.code) == (State.UNKNOWN, "Exception")
        assert job.next_attempt_at is not None
        wait = (job.next_attempt_at - job.history.latest("id").at).total_seconds()
        assert 3.9 < wait < 6.1

    def test_with_a_message_that_no_database_stores_is_recorded(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        answer = {"Code": "BUSY", "Message": "a\x00b" + "x" * 9_000}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        push(site)
        job = the_job(player)
        assert (job.state, job.code) == (State.PENDING, "BUSY")
        assert job.message.startswith("a\ufffdbx")
        assert len(job.message) == 500

    def test_that_is_endless_is_recorded_in_part(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="answer", value={"Code": "N" * 300}))
        push(site)
        assert (the_job(player).state, the_job(player).code) == (State.CONFLICT, "N" * 64)


class TestOpeningAGame:
    def test_h02_gives_a_link_and_stores_it_nowhere(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        push(site)
        account = ProviderAccount.objects.get()
        link = launching.launch_link(account=account, game="AGLive")
        assert link.startswith(f"{beiying.url}/login?id=")
        assert beiying.bodies(LOGIN) == [b'{"UserName":"lily08","Game":"AGLive"}']

    def test_h03_of_another_name_is_refused_locally(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        with pytest.raises(Refused, match="invalid_game"):
            launching.launch_link(account=ProviderAccount.objects.get(), game="FOO")
        assert not beiying.simulator.requests

    def test_of_a_player_unknown_there_registers_first(
        self, site: BeiyingSite, player: Player, beiying: Service
    ) -> None:
        assert launching.launch_link(account=ProviderAccount.objects.get(), game="KY")
        assert [seen.path for seen in beiying.simulator.requests] == [LOGIN, REGISTER, LOGIN]
