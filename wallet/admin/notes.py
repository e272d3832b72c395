"""Notes about players: written on the player's page, listed here, withdrawn with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from wallet import notes
from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import label, link, moment
from wallet.admin.filters import AnyTimeFilter, RelatedFilter
from wallet.admin.forms import ActionForm, ReasonForm
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import SearchedByUsername
from wallet.admin.panels import Panel, Table, paged
from wallet.models import Note, Player
from wallet.scope import member

SHORT = 80


class NoteForm(ActionForm):
    text = forms.CharField(
        label=_("Text"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=_("Colleagues and auditors read it. It cannot be edited, only withdrawn."),
    )
    pinned = forms.BooleanField(
        label=_("Pinned"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Stands above everything else on the player's page."),
    )


def text_cell(note: Note) -> str:
    """The whole text; struck out, with the reason, where it was withdrawn."""
    if note.withdrawn_at is None:
        return format_html('<span class="note-text">{}</span>', note.text)
    return format_html(
        '<del class="note-text">{}</del><div class="panel-note">{}: {}</div>',
        note.text,
        gettext("Withdrawn by %(name)s") % {"name": note.withdrawn_by},
        note.withdrawal_reason,
    )


def state_cell(note: Note) -> str:
    if note.withdrawn_at:
        return label(gettext("withdrawn"))
    return label(gettext("pinned"), "info") if note.pinned else "—"


def _notes(request: HttpRequest, player: Player) -> Table:
    rows, newer, older = paged(
        request, player.notes.select_related("author", "withdrawn_by"), order="at"
    )
    return Table(
        headers=(_("written at"), _("author"), _("text"), _("state")),
        rows=[
            [link(note, moment(note.at)), str(note.author), text_cell(note), state_cell(note)]
            for note in rows
        ],
        newer=newer,
        older=older,
        note=_("“Add note” writes one."),
    )


NOTES = Panel(_("Notes"), "wallet.view_note", _notes)


def pinned_notes(request: HttpRequest, player: Player) -> list[Note]:
    """What the player's page says before anything else."""
    if not request.user.has_perm(NOTES.permission):
        return []
    return list(
        player.notes.filter(pinned=True).select_related("author").order_by("-at", "-pk")[:5]
    )


class PlayerNotes:
    """Mixed into the player's ModelAdmin."""

    @form_action(
        description=_("Add note"),
        permission="wallet.add_note",
        form=NoteForm,
        icon="sticky_note_2",
        url_path="add-note",
    )
    def add_note(self, request: HttpRequest, player: Player, form: Any) -> str:
        notes.write(player=player, author=member(request), **form.cleaned_data)
        return gettext("The note was written.")


def _pinned(self: Any, request: HttpRequest, note: Note) -> bool:
    return note.pinned


def _unpinned(self: Any, request: HttpRequest, note: Note) -> bool:
    return not note.pinned and note.withdrawn_at is None


def _valid(self: Any, request: HttpRequest, note: Note) -> bool:
    return note.withdrawn_at is None


@admin.register(Note)
class NoteAdmin(SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "at"
    narrowed_by = ("channel__id__exact",)
    list_display = ("written", "player_link", "beginning", "state", "author", "channel")
    list_display_links = ("written",)
    list_filter = (("at", AnyTimeFilter), ("channel", RelatedFilter))
    list_select_related = ("channel", "player", "author", "withdrawn_by")
    search_fields = ("player",)
    search_help_text = _("Beginning of the username")
    scope_sub_channel = "player__sub_channel"
    actions_detail = ("pin", "unpin", "withdraw")
    fields = (("written", "author"), ("player_link", "state"), "whole_text")

    @admin.display(description=_("written at"))
    def written(self, note: Note) -> str:
        return moment(note.at)

    @admin.display(description=_("player"))
    def player_link(self, note: Note) -> str:
        return link(note.player)

    @admin.display(description=_("text"))
    def beginning(self, note: Note) -> str:
        return Truncator(note.text).chars(SHORT)

    @admin.display(description=_("text"))
    def whole_text(self, note: Note) -> str:
        return text_cell(note)

    @admin.display(description=_("state"))
    def state(self, note: Note) -> str:
        return state_cell(note)

    @form_action(
        description=_("Pin"),
        explanation=_("Stands above everything else on the player's page."),
        permission="wallet.change_note",
        icon="keep",
        url_path="pin",
        offered=_unpinned,
        errors=(notes.NoteError,),
    )
    def pin(self, request: HttpRequest, note: Note, form: Any) -> str:
        notes.pin(note=note, pinned=True)
        return gettext("The note is pinned.")

    @form_action(
        description=_("Unpin"),
        permission="wallet.change_note",
        icon="keep_off",
        url_path="unpin",
        offered=_pinned,
        errors=(notes.NoteError,),
    )
    def unpin(self, request: HttpRequest, note: Note, form: Any) -> str:
        notes.pin(note=note, pinned=False)
        return gettext("The note is no longer pinned.")

    @form_action(
        description=_("Withdraw"),
        explanation=_("It stays readable, struck out, with your reason. This cannot be undone."),
        permission="wallet.change_note",
        form=ReasonForm,
        icon="strikethrough_s",
        variant=ActionVariant.DANGER,
        url_path="withdraw",
        offered=_valid,
        errors=(notes.NoteError,),
    )
    def withdraw(self, request: HttpRequest, note: Note, form: Any) -> str:
        notes.withdraw(note=note, by=member(request), reason=form.cleaned_data["reason"])
        return gettext("The note was withdrawn.")
