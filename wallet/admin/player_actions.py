"""What staff may do with a player. Every action is one call of the domain."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from wallet import adjustments, ledger, players
from wallet.admin.actions import form_action, show_once
from wallet.admin.adjustment_forms import ProposeForm
from wallet.admin.errors import explain_code
from wallet.admin.forms import ActionForm, NewPasswordForm, ReasonForm
from wallet.admin.player_forms import TransferForm
from wallet.models import Player
from wallet.scope import member


def _active(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.status == Player.Status.ACTIVE


def _locked(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.status == Player.Status.LOCKED


def _not_closed(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.status != Player.Status.CLOSED


class PlayerActions:
    """Mixed into the player's ModelAdmin."""

    @form_action(
        description=_("Lock"),
        explanation=_("No more logins or bets, and open sessions end. Running rounds settle."),
        permission="wallet.lock_player",
        form=ReasonForm,
        icon="lock",
        variant=ActionVariant.DANGER,
        url_path="lock",
        offered=_active,
    )
    def lock(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.lock(player=player, reason=form.cleaned_data["reason"])
        return gettext("Player %(name)s is locked.") % {"name": player.username}

    @form_action(
        description=_("Unlock"),
        permission="wallet.lock_player",
        form=ReasonForm,
        icon="lock_open",
        variant=ActionVariant.SUCCESS,
        url_path="unlock",
        offered=_locked,
    )
    def unlock(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.unlock(player=player, reason=form.cleaned_data["reason"])
        return gettext("Player %(name)s is unlocked.") % {"name": player.username}

    @form_action(
        description=_("Close account"),
        explanation=_("For good: it cannot be opened again. Running rounds still settle."),
        permission="wallet.close_player",
        form=ReasonForm,
        icon="block",
        variant=ActionVariant.DANGER,
        url_path="close",
        offered=_not_closed,
    )
    def close_account(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.close(player=player, reason=form.cleaned_data["reason"])
        return gettext("Account %(name)s is closed.") % {"name": player.username}

    @form_action(
        description=_("Reset password"),
        permission="wallet.reset_player_password",
        form=NewPasswordForm,
        icon="password",
        url_path="reset-password",
        offered=_not_closed,
    )
    def reset_password(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.reset_password(player=player, password=form.cleaned_data["password"])
        return gettext("The password of %(name)s was changed.") % {"name": player.username}

    @form_action(
        description=_("End sessions"),
        explanation=_("eBET throws the player out of the game at the next message."),
        permission="wallet.end_player_sessions",
        form=ActionForm,
        icon="logout",
        url_path="end-sessions",
    )
    def end_sessions(self, request: HttpRequest, player: Player, form: Any) -> str:
        count = players.end_sessions(player=player)
        return gettext("Sessions ended: %(count)d.") % {"count": count}

    @form_action(
        description=_("Issue test token"),
        explanation=_("A fixed token for eBET's tests: it neither rotates nor expires."),
        permission="wallet.issue_test_token",
        form=ActionForm,
        icon="token",
        url_path="issue-token",
        offered=_active,
    )
    def issue_token(self, request: HttpRequest, player: Player, form: Any) -> HttpResponse:
        token = players.issue_access_token(player=player, fixed=True)
        return show_once(
            self,
            request,
            player,
            PlayerActions.issue_token,
            note=_("Copy it now: only its digest is stored, and it is not shown again."),
            secret=token,
        )

    @form_action(
        description=_("Adjust balance"),
        explanation=_("Proposes a movement; it is posted when someone else approves it."),
        submit=_("Propose"),
        permission="wallet.add_adjustment",
        form=ProposeForm,
        icon="exposure",
        url_path="adjust",
    )
    def adjust(self, request: HttpRequest, player: Player, form: Any) -> str:
        adjustments.propose(maker=member(request), **form.cleaned_data)
        return gettext("The adjustment waits for approval.")

    @form_action(
        description=_("Transfer between wallets"),
        permission="wallet.transfer_between_wallets",
        form=TransferForm,
        icon="swap_horiz",
        url_path="transfer",
        offered=_not_closed,
    )
    def transfer(self, request: HttpRequest, player: Player, form: Any) -> str:
        data = form.cleaned_data
        answer = ledger.transfer(
            from_wallet_id=data["from_wallet"].pk,
            to_wallet_id=data["to_wallet"].pk,
            amount=data["amount"],
            reference=str(data["request_id"]),
            actor_id=request.user.pk,
            reason=data["reason"],
        )
        if not answer.accepted:
            raise ledger.LedgerError(explain_code(answer.code))
        return gettext("%(amount)s %(currency)s were transferred.") % {
            "amount": data["amount"],
            "currency": player.currency,
        }
