"""What holds withhold of the players' money, and which of them nobody has returned."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from wallet import holds
from wallet.admin import home
from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import format_money, link, moment, money
from wallet.admin.filters import RelatedFilter
from wallet.admin.forms import ReasonForm
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.round_page import round_link
from wallet.models import Hold
from wallet.scope import member, visible

_AGES = {
    "open": (timedelta(0), _("not yet returned")),
    "hour": (timedelta(hours=1), _("not returned for an hour")),
    "day": (timedelta(days=1), _("not returned for a day")),
    "week": (timedelta(days=7), _("not returned for a week")),
}


def _open_for(rows: QuerySet[Hold], age: timedelta) -> QuerySet[Hold]:
    """Of an age only the games': transfers settle by themselves and have alerts of their own."""
    rows = rows.filter(remaining__gt=0, entry__posted_at__lte=timezone.now() - age)
    return rows.filter(entry__source__startswith=holds.PROVIDER) if age else rows


def _forgotten(request: HttpRequest) -> list[home.Alert]:
    if not request.user.has_perm("wallet.view_hold"):
        return []
    mine = visible(
        request.user,
        Hold.objects.all(),
        channel="entry__channel",
        sub_channel="entry__player__sub_channel",
    )
    return [
        home.Alert(
            _("Holds that were not returned for a day"),
            _open_for(mine, timedelta(days=1)).count(),
            reverse("admin:wallet_hold_changelist") + "?age=day",
        )
    ]


home.REGISTRY.alerts.append(_forgotten)


class AgeFilter(DropdownFilter):
    title = _("not yet returned")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, title) for key, (_age, title) in _AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        chosen = _AGES.get(self.value() or "")
        return _open_for(queryset, chosen[0]) if chosen else queryset


class ReleaseForm(ReasonForm):
    # The same form sent twice returns the money once.
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


def _releasable(self: Any, request: HttpRequest, hold: Hold) -> bool:
    return holds.is_releasable(hold)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin, KeysetAdmin):
    list_display = ("entry", "player", "round", "withheld", "open", "since")
    list_display_links = ("entry",)
    list_filter = (AgeFilter, ("entry__channel", RelatedFilter))
    list_select_related = ("entry__player", "wallet")
    search_fields = ("entry__reference",)
    search_help_text = _("Reference")
    scope_channel = "entry__channel"
    scope_sub_channel = "entry__player__sub_channel"
    fields = ("entry", "player", "wallet", "round", "withheld", "open", "since")
    actions_detail = ("release",)

    @admin.display(description=_("player"))
    def player(self, hold: Hold) -> str:
        return link(hold.entry.player)

    @admin.display(description=_("round"))
    def round(self, hold: Hold) -> str:
        return round_link(hold.entry)

    @admin.display(description=_("withheld"))
    def withheld(self, hold: Hold) -> str:
        return money(hold.amount)

    @admin.display(description=_("not yet returned"))
    def open(self, hold: Hold) -> str:
        return money(hold.remaining)

    @admin.display(description=_("since"))
    def since(self, hold: Hold) -> str:
        return moment(hold.entry.posted_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Hold], search_term: str
    ) -> tuple[QuerySet[Hold], bool]:
        text = search_term.strip().rpartition("/")[2]
        return (queryset.filter(entry__reference=text) if text else queryset), False

    @form_action(
        description=_("Return to the player"),
        explanation=_(
            "Gives back what is left of the hold. Ask eBET first: a hold may have been used up by "
            "its round. If eBET returns it later, nothing moves twice."
        ),
        submit=_("Return"),
        permission="wallet.release_hold",
        form=ReleaseForm,
        icon="undo",
        url_path="release",
        offered=_releasable,
        errors=(holds.NotReleasable,),
    )
    def release(self, request: HttpRequest, hold: Hold, form: Any) -> str:
        answer = holds.release(hold=hold, actor_id=member(request).pk, **form.cleaned_data)
        moved = format_money(answer.balance_after - answer.balance_before)
        return gettext("%(amount)s went back to the player.") % {"amount": moved}
