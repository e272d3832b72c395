"""What staff do with an account at a provider: move funds, open a game."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers import balances, launching, transfers
from providers.admin.wording import asking
from providers.gateways import games_of
from providers.models import ProviderAccount, ProviderTransfer
from wallet.admin.actions import form_action, show_once
from wallet.admin.display import format_money
from wallet.admin.forms import ActionForm, choice_field, model_field, money_field, reason_field
from wallet.models import Wallet
from wallet.scope import member

_ERRORS = (transfers.TransferError, launching.NoLaunch, balances.NotRead)


class GameForm(ActionForm):
    """Asks for the game where there are any.

    None is chosen beforehand: money in the wrong game is not where the player looks for it.
    """

    game = choice_field(label=_("Game"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["game"]
        games = games_of(self.obj.target)
        field.choices = [("", _("Select value")), *((game, game) for game in games)]
        if not games:
            del self.fields["game"]


class FundsForm(GameForm):
    wallet = model_field(label=_("Wallet"), queryset=Wallet.objects.none())
    amount = money_field(label=_("Amount"), positive=True)
    reason = reason_field()
    # The same form sent twice moves the money once.
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["wallet"]
        field.queryset = (
            Wallet.objects.filter(player=self.obj.player_id).select_related("type").order_by("type")
        )
        field.label_from_instance = lambda wallet: (
            f"{wallet.type} · {format_money(wallet.balance)} {wallet.currency}"
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("amount") == 0:
            self.add_error("amount", _("An amount of zero moves nothing."))
        return data


def _exists(self: Any, request: HttpRequest, account: ProviderAccount) -> bool:
    return account.confirmed_at is not None


def _playable(self: Any, request: HttpRequest, account: ProviderAccount) -> bool:
    ready = account.confirmed_at is not None and account.player.is_active
    return ready and bool(games_of(account.target))


class AccountActions:
    """Mixed into the accounts' admin."""

    actions_detail = (
        "send_funds",
        "take_back_funds",
        {
            "title": _("More actions"),
            "icon": "more_vert",
            "items": ["refresh_balance", "open_game"],
        },
    )

    @form_action(
        description=_("Refresh balance"),
        explanation=_("Asks the provider what the account holds now."),
        permission="providers.refresh_balance",
        form=GameForm,
        icon="sync",
        url_path="refresh-balance",
        offered=_exists,
        errors=_ERRORS,
    )
    def refresh_balance(self, request: HttpRequest, account: ProviderAccount, form: Any) -> str:
        with asking():
            balance = balances.refresh(account=account, game=form.cleaned_data.get("game", ""))
        return gettext("The account held %(balance)s at %(moment)s.") % {
            "balance": format_money(balance),
            "moment": format_date(timezone.localtime(), "Y-m-d H:i:s"),
        }

    @form_action(
        description=_("Send funds"),
        explanation=_("Withheld in the wallet at once; settled when the provider has them."),
        permission="providers.move_funds",
        form=FundsForm,
        icon="upload",
        url_path="send-funds",
        offered=_exists,
        errors=_ERRORS,
    )
    def send_funds(self, request: HttpRequest, account: ProviderAccount, form: Any) -> str:
        return _start(request, account, form, ProviderTransfer.Direction.FUND)

    @form_action(
        description=_("Take funds back"),
        explanation=_("Credited to the wallet once the provider has given them up."),
        permission="providers.move_funds",
        form=FundsForm,
        icon="download",
        url_path="take-back-funds",
        offered=_exists,
        errors=_ERRORS,
    )
    def take_back_funds(self, request: HttpRequest, account: ProviderAccount, form: Any) -> str:
        return _start(request, account, form, ProviderTransfer.Direction.TAKE_BACK)

    @form_action(
        description=_("Open a game"),
        explanation=_("Asks the provider for a link that lets anyone play as this player."),
        permission="providers.open_game",
        form=GameForm,
        icon="sports_esports",
        url_path="open-game",
        offered=_playable,
        errors=_ERRORS,
    )
    def open_game(self, request: HttpRequest, account: ProviderAccount, form: Any) -> HttpResponse:
        with asking():
            link = launching.launch_link(account=account, game=form.cleaned_data["game"])
        return show_once(
            self,
            request,
            account,
            AccountActions.open_game,
            note=_("The link works for five minutes. It is not stored or shown again."),
            secret=link,
        )


def _start(request: HttpRequest, account: ProviderAccount, form: Any, direction: str) -> str:
    data = form.cleaned_data
    with asking():
        transfer = transfers.start(
            account=account,
            wallet=data["wallet"],
            direction=direction,
            amount=data["amount"],
            reason=data["reason"],
            staff_id=member(request).pk,
            game=data.get("game", ""),
            request_id=data["request_id"],
        )
    return gettext("Transfer %(order)s is on its way.") % {"order": transfer.order_id}
