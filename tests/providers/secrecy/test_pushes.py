"""However a push, a transfer or a question ends, it leaves no secret behind."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from providers import balances, http, launching, targets, wire
from providers.ebet import desk
from providers.models import BeiyingSite, JobAttempt, ProviderAccount, ProvisioningJob
from providers.simulators.faults import Fault
from tests.providers.conftest import Service, target_of
from tests.providers.moving import FUND, start
from tests.providers.secrecy.conftest import push
from tests.providers.secrecy.searching import Secrets, leaks
from wallet.models import Agent, Player

MISHAPS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a refusal": {"kind": "code", "value": {"hrg": "7777", "beiying": "BADNAME", "ebet": "4037"}},
    "doubt": {"kind": "code", "value": {"hrg": "9999", "beiying": "Exception", "ebet": "500"}},
    "refused access": {"kind": "status", "value": 401},
    "garbage": {"kind": "garbage"},
    "more than anyone reads": {"kind": "huge"},
    "an error before": {"kind": "status", "value": 500},
    "an error after": {"kind": "status_after", "value": 502},
    "a dropped request": {"kind": "drop_before"},
    "a dropped answer": {"kind": "drop_after"},
    "a server that quotes": {"kind": "echo"},
    "slowness": {"kind": "delay", "value": 400},
}


def plan(service: Service, mishap: str) -> None:
    """What happens to the next two requests."""
    service.simulator.faults.clear()
    if values := dict(MISHAPS[mishap]):
        if isinstance(values.get("value"), dict):
            values["value"] = values["value"][service.simulator.name]
        service.simulator.faults.add(Fault(times=2, **values))


def told(what: Callable[[], Any]) -> str:
    """What an exception tells of it, to staff or to a log; "" without one."""
    try:
        what()
    except Exception as error:  # noqa: BLE001  of whatever family
        return f"{error!r} {error} {''.join(traceback.format_exception(error))}"
    return ""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A client that waits 200 ms for an answer."""
    client = httpx.Client(timeout=0.2, trust_env=False)
    monkeypatch.setattr(http, "_client", lambda: client)
    yield
    client.close()


class TestAnExchange:
    @pytest.mark.parametrize("mishap", MISHAPS)
    def test_of_a_new_account_tells_no_secret(
        self,
        mishap: str,
        agent: Agent,
        site: BeiyingSite,
        player: Player,
        hrg: Service,
        beiying: Service,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
        impatient: None,
    ) -> None:
        for service in (hrg, beiying):
            plan(service, mishap)

        push(agent.target.pk, site.target.pk)

        assert JobAttempt.objects.count() >= 2
        assert leaks(secrets, {"log": heard.text, "output": capfd.readouterr()}) == set()

    @pytest.mark.parametrize("mishap", [name for name in MISHAPS if name != "slowness"])
    def test_of_funds_balances_and_links_tells_no_secret(
        self,
        mishap: str,
        agent: Agent,
        site: BeiyingSite,
        player: Player,
        hrg: Service,
        beiying: Service,
        ebet: Service,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
    ) -> None:
        push(agent.target.pk, site.target.pk)
        accounts = list(ProviderAccount.objects.order_by("target__provider"))
        links = []
        errors = []
        for account, game in zip(accounts, ["KY", ""], strict=True):
            start(account, "10", FUND, game)
        for service in (hrg, beiying, ebet):
            plan(service, mishap)
        push(agent.target.pk, site.target.pk)
        for account, game in zip(accounts, ["KY", ""], strict=True):
            for service in (hrg, beiying, ebet):
                plan(service, mishap)
            errors += [
                told(lambda: balances.refresh(account=account, game=game)),  # noqa: B023
                told(lambda: targets.test_connection(account.target)),  # noqa: B023
                told(lambda: links.append(launching.launch_link(account=account, game="KY"))),  # noqa: B023
                told(lambda: links.append(desk.launch_link(player=player, in_china=True))),
                told(lambda: desk.compare(player=player)),
                told(lambda: desk.log_out(player=player, end_sessions=True)),
            ]

        for number, link in enumerate(links):
            secrets.add(f"launch link {number}", link.partition("?")[2].partition("=")[2])
            secrets.add(f"launch token {number}", link.rpartition("=")[2])
        for number, session in enumerate(beiying.simulator.book.all().get("session", {})):
            secrets.add(f"launch session {number}", session)
        assert (mishap == "nothing") == (len(links) == 3 and not any(errors[:4]))
        assert leaks(secrets, {"log": heard.text, "errors": "\n".join(errors)}) == set()

    def test_whose_answer_repeats_a_secret_in_a_message_tells_none(
        self,
        agent: Agent,
        site: BeiyingSite,
        player: Player,
        hrg: Service,
        beiying: Service,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
    ) -> None:
        password = ProviderAccount.objects.get(target=site.target).password
        key = site.secret_key
        for answer in (
            {"Code": "Faild", "Message": f"cannot insert ('lily08', '{password}') for {key}"},
            {"Code": password, "Message": "x"},
        ):
            beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        hrg.simulator.faults.add(
            Fault(
                kind="answer",
                value={"code": "7777", "message": f"wrong: {agent.api_password} of acme"},
                times=3,
            )
        )

        push(agent.target.pk, site.target.pk)

        messages = set(ProvisioningJob.objects.values_list("message", flat=True))
        assert messages == {"wrong: *** of acme", "cannot insert ('lily08', '***') for ***"}
        assert leaks(secrets, {"log": heard.text}) == set()

    def test_that_breaks_in_our_own_code_tells_no_secret(
        self,
        agent: Agent,
        site: BeiyingSite,
        player: Player,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("providers.http._read", None)

        push(agent.target.pk, site.target.pk)

        assert "TypeError" in heard.text
        assert leaks(secrets, {"log": heard.text}) == set()

    def test_with_a_secret_that_no_key_opens_tells_none(
        self,
        agent: Agent,
        site: BeiyingSite,
        player: Player,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
        settings: Any,
    ) -> None:
        old = settings.FIELD_ENCRYPTION_KEYS
        settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        error = told(lambda: targets.test_connection(target_of(agent)))
        push(agent.target.pk, site.target.pk)
        settings.FIELD_ENCRYPTION_KEYS = old

        assert "cannot be decrypted" in error
        assert leaks(secrets, {"log": heard.text, "error": error}) == set()


class TestTheSearch:
    """It would find what it looks for: each of these is a leak made on purpose."""

    def test_finds_a_secret_in_a_row(
        self, agent: Agent, site: BeiyingSite, player: Player, secrets: Secrets
    ) -> None:
        push(agent.target.pk)
        JobAttempt.objects.update(answer=f'{{"debug":"{site.secret_key}"}}')

        assert leaks(secrets, {}) == {("providers_jobattempt", "the site's key")}

    def test_finds_credentials_in_a_log(
        self,
        agent: Agent,
        hrg: Service,
        player: Player,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        honest = wire.basic

        def talkative(identity: str, secret: str) -> dict[str, str]:
            logging.getLogger("httpcore.made_up").debug("%s", honest(identity, secret))
            return honest(identity, secret)

        monkeypatch.setattr(wire, "basic", talkative)
        push(agent.target.pk)

        assert leaks(secrets, {"log": heard.text}) == {("log", "HRG's secret as Basic credentials")}

    def test_finds_what_was_not_masked(
        self,
        agent: Agent,
        site: BeiyingSite,
        player: Player,
        beiying: Service,
        secrets: Secrets,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("providers.masking.Mask.__call__", lambda mask, text: text)
        plan(beiying, "a server that quotes")
        push(site.target.pk)

        found = {what for place, what in leaks(secrets, {}) if place == "providers_jobattempt"}
        assert found == {"the site's key", "the site's key as Basic credentials"}
