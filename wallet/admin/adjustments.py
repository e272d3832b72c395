"""Adjustments: proposed by one person, decided by others."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import DropdownFilter
from unfold.enums import ActionVariant

from wallet import adjustments
from wallet.admin.actions import form_action
from wallet.admin.adjustment_forms import CommentForm, RejectForm
from wallet.admin.adjustment_words import next_step, outcome_of, summary_of
from wallet.admin.base import ReadOnlyAdmin, ReadOnlyInline
from wallet.admin.bulk import apply_to_each
from wallet.admin.display import label, link, moment, money
from wallet.admin.filters import ChoicesDropdownFilter, RecentFilter, RelatedFilter
from wallet.admin.forms import ActionForm
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import SearchedByUsername
from wallet.models import Adjustment, AdjustmentDecision
from wallet.scope import member

TONES = {"proposed": "warning", "posted": "success", "rejected": "default", "refused": "danger"}


class WaitingFilter(DropdownFilter):
    """What the reader may decide: waiting, by somebody else, not yet decided by the reader."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Waiting for me")), ("made", _("Proposed by me"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Adjustment]
    ) -> QuerySet[Adjustment]:
        match self.value():
            case "mine":
                return waiting_for(request, queryset)
            case "made":
                return queryset.filter(maker=request.user.pk)
        return queryset


def waiting_for(request: HttpRequest, queryset: QuerySet[Adjustment]) -> QuerySet[Adjustment]:
    """Those of ``queryset`` that the reader may still decide."""
    if not request.user.has_perm("wallet.approve_adjustment"):
        return queryset.none()
    return (
        queryset.filter(state=Adjustment.State.PROPOSED)
        .exclude(maker=request.user.pk)
        .exclude(decisions__checker=request.user.pk)
    )


class DecisionInline(ReadOnlyInline):
    model = AdjustmentDecision
    fields = ("checker", "approved", "comment", "at")
    readonly_fields = fields
    ordering = ("at",)


def _undecided(self: Any, request: HttpRequest, adjustment: Adjustment) -> bool:
    return waiting_for(request, Adjustment.objects.filter(pk=adjustment.pk)).exists()


@admin.register(Adjustment)
class AdjustmentAdmin(SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "created_at"
    change_form_outer_before_template = "admin/note.html"
    list_display = (
        "proposed",
        "player",
        "kind",
        "moved",
        "currency",
        "state_label",
        "maker",
        "reason",
        "channel",
    )
    list_display_links = ("proposed",)
    list_filter = (
        WaitingFilter,
        ("created_at", RecentFilter),
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("channel", RelatedFilter),
    )
    list_select_related = ("wallet__player", "wallet__type", "maker", "channel")
    money_sums = ((_("posted"), Sum("amount", filter=Q(state=Adjustment.State.POSTED), default=0)),)
    currency_path = "wallet__currency"
    search_fields = ("wallet__player",)
    search_player = "wallet__player"
    search_help_text = _("Beginning of the username")
    scope_sub_channel = "wallet__player__sub_channel"
    inlines = (DecisionInline,)
    actions = ("approve_selected", "reject_selected")
    actions_detail = ("approve", "reject")
    fields = (
        ("proposed", "maker"),
        ("player", "wallet_link"),
        ("kind", "moved"),
        ("reason", "evidence"),
        ("state_label", "decided"),
        ("entry_link",),
    )

    @admin.display(description=_("proposed at"))
    def proposed(self, adjustment: Adjustment) -> str:
        return moment(adjustment.created_at)

    @admin.display(description=_("decided at"))
    def decided(self, adjustment: Adjustment) -> str:
        return moment(adjustment.decided_at)

    @admin.display(description=_("player"))
    def player(self, adjustment: Adjustment) -> str:
        return link(adjustment.wallet.player)

    @admin.display(description=_("wallet"))
    def wallet_link(self, adjustment: Adjustment) -> str:
        return link(adjustment.wallet, adjustment.wallet.type)

    @admin.display(description=_("amount"))
    def moved(self, adjustment: Adjustment) -> str:
        return money(adjustment.amount, signed=True)

    @admin.display(description=_("currency"))
    def currency(self, adjustment: Adjustment) -> str:
        return adjustment.wallet.currency

    @admin.display(description=_("state"))
    def state_label(self, adjustment: Adjustment) -> str:
        return label(adjustment.get_state_display(), TONES[adjustment.state])

    @admin.display(description=_("ledger entry"))
    def entry_link(self, adjustment: Adjustment) -> str:
        return link(adjustment.entry)

    @admin.display(description=_("evidence"))
    def evidence(self, adjustment: Adjustment) -> str:
        if not adjustment.attachment:
            return "—"
        address = reverse("admin:wallet_adjustment_evidence", args=[adjustment.pk])
        name = PurePath(adjustment.attachment.name or "").name
        return format_html('<a class="link" href="{}">{}</a>', address, name)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        adjustment = self.get_object(request, object_id)
        note = next_step(request, adjustment) if adjustment else ""
        context = {**(extra_context or {}), "note": note}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.evidence_view))
        return [
            path("<int:pk>/evidence/", view, name="wallet_adjustment_evidence"),
            *super().get_urls(),
        ]

    def evidence_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The attachment, as a download: it is never shown as a page of ours."""
        adjustment = self.get_object(request, str(pk))
        if (
            adjustment is None
            or not adjustment.attachment
            or not self.has_view_permission(request, adjustment)
        ):
            raise Http404
        return FileResponse(adjustment.attachment.open(), as_attachment=True)

    # --- decisions ----------------------------------------------------------------------------

    @form_action(
        description=_("Approve"),
        explanation=_("The approval that completes the set moves the money at once."),
        permission="wallet.approve_adjustment",
        form=CommentForm,
        icon="check",
        variant=ActionVariant.SUCCESS,
        url_path="approve",
        offered=_undecided,
    )
    def approve(self, request: HttpRequest, adjustment: Adjustment, form: Any) -> str:
        decided = adjustments.approve(
            adjustment_id=adjustment.pk,
            checker=member(request),
            comment=form.cleaned_data["comment"],
        )
        return outcome_of(decided)

    @form_action(
        description=_("Reject"),
        permission="wallet.approve_adjustment",
        form=RejectForm,
        icon="close",
        variant=ActionVariant.DANGER,
        url_path="reject",
        offered=_undecided,
    )
    def reject(self, request: HttpRequest, adjustment: Adjustment, form: Any) -> str:
        decided = adjustments.reject(
            adjustment_id=adjustment.pk,
            checker=member(request),
            comment=form.cleaned_data["comment"],
        )
        return outcome_of(decided)

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("wallet.approve_adjustment"))

    @admin.action(description=_("Approve selected"), permissions=["approve"])
    def approve_selected(
        self, request: HttpRequest, queryset: QuerySet[Adjustment]
    ) -> HttpResponse | None:
        return self._decide_all(request, queryset, _("Approve"), adjustments.approve, CommentForm)

    @admin.action(description=_("Reject selected"), permissions=["approve"])
    def reject_selected(
        self, request: HttpRequest, queryset: QuerySet[Adjustment]
    ) -> HttpResponse | None:
        return self._decide_all(request, queryset, _("Reject"), adjustments.reject, RejectForm)

    def _decide_all(
        self,
        request: HttpRequest,
        queryset: QuerySet[Adjustment],
        title: Any,
        decide: Any,
        form_class: type[ActionForm],
    ) -> HttpResponse | None:
        def apply(adjustment: Adjustment, data: dict[str, Any]) -> str:
            return outcome_of(
                decide(
                    adjustment_id=adjustment.pk,
                    checker=member(request),
                    comment=data["comment"],
                )
            )

        return apply_to_each(
            self,
            request,
            queryset.select_related("wallet__player"),
            title=title,
            form_class=form_class,
            describe=summary_of,
            apply=apply,
        )
