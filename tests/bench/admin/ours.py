"""The product's own pages, as staff ask for them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Model
from django.urls import reverse

from callbacks.models import ReceivedCallback
from providers.models import ProvisioningJob
from tests.bench.admin.data import EVERYTHING, ONE_CHANNEL, ONE_SUB_CHANNEL
from tests.bench.admin.timing import Page
from wallet.admin.paging import Position
from wallet.models import (
    Agent,
    AuditEvent,
    LedgerEntry,
    LoginEvent,
    Player,
    PlayerSession,
    SubChannel,
)

RUNS = 7


def pages() -> Iterator[Page]:
    """Lists from the first page to the last, filtered and searched, and the home page."""

    def middle(model: type[Model], order: str | None) -> str:
        rows = model._default_manager.order_by("-pk")
        newest = rows.values_list("pk", flat=True)[0]
        row = rows.filter(pk__lte=newest // 2)[0]
        return f"&after={str(Position.of(row, order)).replace('+', '%2B')}"

    everyone = (EVERYTHING, ONE_CHANNEL, ONE_SUB_CHANNEL)
    entry = LedgerEntry.objects.order_by("-pk")[1_000]
    player = Player.objects.get(pk=entry.player_id)
    agent = Agent.objects.filter(channel=1).first()
    part = SubChannel.objects.get(channel=1, number=4)
    assert agent is not None
    day = f"{entry.posted_at:%Y-%m-%d}"
    lists: list[tuple[type[Model], str, str | None, tuple[str, ...], dict[str, str]]] = [
        (
            LedgerEntry,
            "posted_at",
            "posted_at",
            everyone,
            {
                "a common kind": "kind__exact=bet",
                "a rare kind, all time": "kind__exact=adjustment&posted_at=all",
                "refusals": "outcome__exact=refused",
                "a player, all time": f"player__id__exact={player.pk}&posted_at=all",
                "a channel": "channel__id__exact=5",
                "an agent": f"player__agent__id__exact={agent.pk}",
                "a small sub-channel": f"player__sub_channel__id__exact={part.pk}",
                "large amounts": "size_from=50000",
                "large amounts, all time": "size_from=50000&posted_at=all",
                "amounts that nobody moved": "size_from=900000&posted_at=30d",
                "a range of amounts": "size_from=100&size_to=200",
                "a day": f"posted_at_from={day}&posted_at_to={day}",
                "a game": "game=3",
                "a figure": "figure=stakes",
                "searched: reference": f"q={entry.reference}",
                "searched: round": f"q={entry.round_code}",
                "searched: username": f"q={player.username}",
                "searched: beginning of usernames": "q=player000",
                "searched: nothing there": "q=nothing-like-it",
            },
        ),
        (
            Player,
            "registered_at",
            "registered_at",
            everyone,
            {
                "a channel": "channel__id__exact=5",
                "locked": "status__exact=locked",
                "an agent": f"agent__id__exact={agent.pk}",
                "searched: beginning of usernames": "q=player000",
                "searched: user ID": f"q={player.user_id}",
            },
        ),
        (
            ReceivedCallback,
            "received_at",
            "received_at",
            (EVERYTHING, ONE_CHANNEL),
            {
                "refused": "attention=refused",
                "open cases, all time": "attention=open&received_at=all",
                "an event": "event=syncCredit",
                "a channel": "channel_number=5",
                "searched: seqNo": f"q={entry.reference}",
                "searched: username": f"q={player.username}",
            },
        ),
        (
            ProvisioningJob,
            "created_at",
            None,
            everyone,
            {
                "waiting for a person": "attention=staff&created_at=all",
                "needing a decision": "state__exact=conflict&created_at=all",
                "a channel": "channel__id__exact=5&created_at=all",
                "searched: beginning of usernames": "q=player000",
            },
        ),
        (
            AuditEvent,
            "at",
            "at",
            (EVERYTHING, ONE_CHANNEL),
            {
                "by staff": "actor__id__exact=1",
                "a table": "relation=wallet_player",
                "searched: row": f"q={player.pk}",
                "searched: address": "q=203.0.113.9",
                "searched: page": "q=/admin/wallet/player/1",
            },
        ),
        (LoginEvent, "at", "at", everyone, {"searched: username": f"q={player.username}"}),
        (
            PlayerSession,
            "last_used_at",
            "last_used_at",
            everyone,
            {"searched: beginning of usernames": "q=player000"},
        ),
    ]
    for model, period, order, readers, filters in lists:
        opts = model._meta
        table = opts.model_name or ""
        address = reverse(f"admin:{opts.app_label}_{table}_changelist")
        whole = f"{period}=all"
        positions = {
            "first page": "",
            "first page, all time": whole,
            "middle page, all time": whole + middle(model, order),
            "last page, all time": f"{whole}&end=1",
        }
        for reader in readers:
            for name, query in (positions | filters).items():
                yield Page(table, name, f"{address}?{query}", reader)
    for reader in everyone:
        yield Page("home", "home page", reverse("admin:index"), reader)
        shown = Player.objects.filter(sub_channel=part)[0]
        address = reverse("admin:wallet_player_change", args=[shown.pk])
        yield Page("player page", "overview", address, reader)
