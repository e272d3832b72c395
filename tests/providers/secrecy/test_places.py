"""Nowhere that staff, files, tasks or error reports look is a secret to be read."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from celery.signals import before_task_publish, task_postrun
from django.contrib import admin
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.log import AdminEmailHandler
from pytest_django import DjangoCaptureOnCommitCallbacks

from config.celery import app
from providers import http, tasks, wire
from providers.ebet.desk import client_of
from providers.gateway import AccountOrder
from providers.gateways import gateway_of
from providers.models import (
    BeiyingSite,
    HrgCode,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service
from tests.providers.moving import FUND, start
from tests.providers.secrecy.conftest import PRIVATE, PUBLIC, push
from tests.providers.secrecy.searching import Secrets, leaks
from wallet.exports.formats import write
from wallet.exports.sources import SOURCES, Request, read_request
from wallet.models import Agent, AuditEvent, Channel, LedgerEntry, Player

pytestmark = pytest.mark.usefixtures("history")

MODELS: tuple[type[Model], ...] = (
    BeiyingSite,
    HrgCode,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
    Agent,
    AuditEvent,
    Channel,
    LedgerEntry,
    Player,
)


@pytest.fixture
def history(
    agent: Agent, site: BeiyingSite, player: Player, hrg: Service, beiying: Service
) -> None:
    """Accounts, transfers and attempts, some of them at a server that quotes what it was sent."""
    HrgCode.objects.create(code="7004", reaction="permanent")
    push(agent.target.pk, site.target.pk)
    for service in (hrg, beiying):
        service.simulator.faults.add(Fault(kind="echo"))
    for account in ProviderAccount.objects.order_by("target__provider"):
        start(account, "10", FUND, "KY" if account.target.site_id else "")
    push(agent.target.pk, site.target.pk)


def addresses(model: type[Model]) -> Iterator[str]:
    """Of the home page, a search, and every page and dialog about a kind of rows."""
    yield from (reverse("admin:index"), reverse("admin:search") + "?s=lily")
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"{base}_changelist")
    yield reverse(f"{base}_add")
    for pk in model._default_manager.order_by("-pk").values_list("pk", flat=True)[:2]:
        for view in ("change", "history", "delete"):
            yield reverse(f"{base}_{view}", args=[pk])
        model_admin: Any = admin.site._registry[model]
        for action in model_admin._get_base_actions_detail():
            yield reverse(f"admin:{action.action_name}", args=[pk])


def read(client: Client, model: type[Model]) -> dict[str, str]:
    """What those say that open."""
    return {
        address: f"{answer.headers}{answer.content.decode()}"
        for address in addresses(model)
        if (answer := client.get(address)).status_code == 200
    }


class TestAPage:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_about_providers_shows_no_secret(
        self,
        staff: Client,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
        model: type[Model],
    ) -> None:
        shown = read(staff, model)

        assert len(shown) >= 3
        assert leaks(secrets, {**shown, "log": heard.text}) == set()

    def test_that_takes_a_secret_does_not_give_it_back(
        self,
        staff: Client,
        agent: Agent,
        site: BeiyingSite,
        channel: Channel,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
    ) -> None:
        old = {"new_secret": site.secret_key}
        key = {"public_pem": PUBLIC, "private_pem": f"{PRIVATE[:-40]}"}
        shown = []
        for path, form in (
            ("providers_beiyingsite", {"api_url": "no address", "site_id": 12, **old}),
            ("providers_beiyingsite", {"api_url": site.api_url, "site_id": 12, **old}),
            ("wallet_agent", {"api_url": "no address", "new_secret": agent.api_password}),
            ("wallet_agent", {"name": "x", "new_secret": agent.api_password}),
        ):
            row = site if path == "providers_beiyingsite" else agent
            address = reverse(f"admin:{path}_change", args=[row.pk])
            answer: Any = staff.post(address, form, follow=True)
            shown.append(answer.content.decode())
        base = reverse("admin:wallet_channel_change", args=[channel.pk]).removesuffix("change/")
        answer = staff.post(f"{base}add-key/", key)
        shown.append(answer.content.decode())

        assert "Enter a valid URL" in shown[0]
        assert leaks(secrets, {"pages": shown, "log": heard.text}) == set()

    def test_of_a_launch_link_is_the_only_one_that_has_it(
        self, staff: Client, site: BeiyingSite, beiying: Service, secrets: Secrets
    ) -> None:
        account = ProviderAccount.objects.get(target=site.target)
        base = reverse("admin:providers_provideraccount_changelist")
        answer = staff.post(f"{base}{account.pk}/open-game/", {"game": "KY"})
        [session] = beiying.simulator.book.all()["session"]
        secrets.add("the launch link", session)

        assert session in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
        later = read(staff, ProviderAccount)
        assert leaks(secrets, {**later, "session": dict(staff.session)}) == set()


class TestAFile:
    @pytest.mark.parametrize("name", SOURCES)
    def test_of_an_export_holds_no_secret(self, name: str, secrets: Secrets) -> None:
        connection.force_debug_cursor = False  # Django's talkative cursor cannot copy
        today = datetime.now(UTC).date().isoformat()
        selection = read_request(Request(since=today, until=today, zone="UTC", source=name))
        file = io.BytesIO()
        list(write(file, selection, format="csv"))

        assert leaks(secrets, {name: file.getvalue().decode()}) == set()

    def test_of_a_reconciliation_holds_no_secret(
        self, channel: Channel, secrets: Secrets, heard: pytest.LogCaptureFixture
    ) -> None:
        output = io.StringIO()
        today = datetime.now(UTC).date().isoformat()
        for book in ("hrg", "beiying"):
            call_command("reconcile", book, channel=channel.pk, day=today, stdout=output)

        assert leaks(secrets, {"output": output.getvalue(), "log": heard.text}) == set()


def all_of(message: Any) -> str:
    """A mail's text and its HTML."""
    return f"{message.body}{message.alternatives}"


class TestAnErrorReport:
    @pytest.mark.parametrize("broken", ["providers.http._read", "providers.wire.decode"])
    def test_sent_to_administrators_tells_where_and_no_secret(
        self,
        staff: Client,
        agent: Agent,
        site: BeiyingSite,
        secrets: Secrets,
        settings: Any,
        heard: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
        broken: str,
    ) -> None:
        settings.ADMINS = [("Ops", "ops@example.com")]
        handler = AdminEmailHandler(include_html=True)
        logging.getLogger("django.request").addHandler(handler)
        monkeypatch.setattr(broken, None)
        staff.raise_request_exception = False
        account = ProviderAccount.objects.get(target=site.target)
        shown = []
        for model, action, pk, form in (
            ("target", "test", agent.target.pk, {}),
            ("target", "test", site.target.pk, {}),
            ("provideraccount", "open-game", account.pk, {"game": "KY"}),
        ):
            base = reverse(f"admin:providers_{model}_changelist")
            answer = staff.post(f"{base}{pk}/{action}/", form)
            assert answer.status_code == 500
            shown.append(answer.content.decode())
        logging.getLogger("django.request").removeHandler(handler)

        reports = [str(message.message()) for message in mail.outbox]
        bodies = [all_of(message) for message in mail.outbox]
        assert len(bodies) == 3
        assert all("TypeError" in body and "in _call" in body for body in bodies)
        assert leaks(secrets, {"reports": reports + bodies, "pages": shown}) == set()

    def test_about_a_form_with_a_secret_tells_none(
        self, staff: Client, site: BeiyingSite, secrets: Secrets, settings: Any, monkeypatch: Any
    ) -> None:
        settings.ADMINS = [("Ops", "ops@example.com")]
        handler = AdminEmailHandler(include_html=True)
        logging.getLogger("django.request").addHandler(handler)
        monkeypatch.setattr("providers.targets.of_site", None)
        staff.raise_request_exception = False
        form = {"api_url": site.api_url, "site_id": 12, "new_secret": site.secret_key}
        address = reverse("admin:providers_beiyingsite_change", args=[site.pk])
        answer = staff.post(address, form)
        logging.getLogger("django.request").removeHandler(handler)

        [message] = mail.outbox
        assert answer.status_code == 500
        assert leaks(secrets, {"report": all_of(message)}) == set()


class TestATask:
    def test_is_given_numbers_and_gives_numbers(
        self,
        register: Register,
        agent: Agent,
        site: BeiyingSite,
        secrets: Secrets,
        heard: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        published: list[Any] = []
        results: list[Any] = []

        def on_publish(**message: Any) -> None:
            published.append((message["sender"], message["body"], message["headers"]))

        def on_end(**task: Any) -> None:
            results.append((task["args"], task["kwargs"], task["retval"]))

        before_task_publish.connect(on_publish, weak=False, dispatch_uid="secrecy")
        task_postrun.connect(on_end, weak=False, dispatch_uid="secrecy")
        try:
            with (
                django_capture_on_commit_callbacks(execute=True),
                transaction.atomic(),
            ):
                register("mona09", agent=agent)
            for target in Target.objects.all():
                tasks.push.apply(kwargs={"target_id": target.pk})
                tasks.probe.apply(kwargs={"target_id": target.pk})
            tasks.sweep.apply()
        finally:
            before_task_publish.disconnect(dispatch_uid="secrecy")
            task_postrun.disconnect(dispatch_uid="secrecy")

        assert {sender for sender, _, _ in published} == {"providers.push"}
        assert [kwargs for _, kwargs, _ in results][:2] == [
            {"target_id": target.pk} for target in Target.objects.all()[:1] for _ in range(2)
        ]
        assert app.conf.task_ignore_result
        for account in ProviderAccount.objects.exclude(password=""):
            secrets.add(f"the password of {account.pk}", account.password)
        places = {"published": published, "results": results, "log": heard.text}
        assert leaks(secrets, places) == set()


class TestAnObject:
    def test_that_carries_a_secret_does_not_print_it(
        self, agent: Agent, site: BeiyingSite, secrets: Secrets, hrg: Service
    ) -> None:
        log: list[http.Exchange] = []
        gateways = [gateway_of(target) for target in Target.objects.all()]
        headers = wire.basic("acme", agent.api_password)
        answer = http.post_json(url=f"{hrg.url}/api/x", body=b"{}", headers=headers, log=log)
        order = AccountOrder(name="lily08", password=site.secret_key, in_doubt=False)
        clients = [gateway.client for gateway in gateways]  # type: ignore[attr-defined]
        ebet = client_of(site.channel)

        printed = repr([gateways, clients, ebet, answer, answer.mask, order, log, agent, site])
        assert "acme01" in printed
        assert secrets.found_in(printed) == []
